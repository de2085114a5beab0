// Folds audited actions into the counts of the rollouts that are open, and a rollout's own events
// into where it stands. Counted are distinct units: a unit is attempted by an attempt action of the
// stream or by its error, counts in every range in which it is attempted, and leaves the watch with
// its first error. Late is a unit that a range saw only by events of the time before it.
#pragma once

#include <functional>
#include <map>

#include "domain/rollout/stream_part.hpp"
#include "projections/rollouts/rollouts_rows.hpp"
#include "projections/rollouts/row_cache.hpp"
#include "projections/rollouts/unit_cache.hpp"
#include "projections/view.hpp"

namespace decklog::projections::rollout {

/// Which side of the rollout handled an event; nullopt: neither.
using ArmRule = std::function<std::optional<Arm>(const domain::EventView&, const OpenRow&)>;
/// By cohort, stage and release. A rollout without a release takes any.
[[nodiscard]] std::optional<Arm> arm_of(const domain::EventView& event, const OpenRow& row);

class RolloutsFold final : public Fold {
  public:
    /// `rule`: another one than arm_of only for judging the past under a question.
    explicit RolloutsFold(const RowReader& rows, ArmRule rule = arm_of);

    [[nodiscard]] std::optional<Parked> apply(const domain::EventView& event) override;
    void finish(RowWriter& rows) override;
    /// What the check counted that was sealed at this ordinal, before `finish` or after it.
    [[nodiscard]] std::optional<CountsRow> sealed_counts(std::string_view workspace,
                                                         std::string_view id,
                                                         std::uint64_t seal_ordinal);

  private:
    struct Open {
        OpenRow row;
        domain::gate::Policy policy;
        domain::StreamParts parts{policy};
        std::vector<BurnHistory> burn{};  // one a stream; empty but at full
        bool has_changed = false;
        bool has_burned = false;  // since it was written last
    };
    using OpenRollouts = std::map<std::uint32_t, Open>;

    [[nodiscard]] std::optional<Parked> apply_own(const domain::EventView& event);
    [[nodiscard]] bool on_created(const domain::EventView& event);
    [[nodiscard]] bool on_stage_changed(const domain::EventView& event);
    [[nodiscard]] bool on_sealed(const domain::EventView& event);
    [[nodiscard]] bool on_verdict(const domain::EventView& event);
    static void begin_range(Open& open, std::int64_t now_us);
    void close(OpenRollouts::iterator open);
    [[nodiscard]] OpenRollouts::iterator find(const domain::EventView& event);

    void count(const domain::EventView& event, std::uint32_t number, Open& open);
    static void count_unit(const domain::EventView& event, Open& open, std::size_t stream,
                           KnownUnit& known, Arm arm, bool is_error);
    static void note_burn(Open& open, std::size_t stream, std::int64_t at_us,
                          const domain::gate::WindowCounts& counts);
    [[nodiscard]] static std::vector<domain::gate::StreamCounts> closed_counts(const Open& open,
                                                                               std::int64_t now_us);
    static void count_handled(Open& open, Arm arm, KnownUnit& unit);

    RowCache rows_;
    UnitCache units_;
    ArmRule rule_;
    OpenRollouts open_;
    std::uint32_t given_ = 0;  // numbers
};

}  // namespace decklog::projections::rollout
