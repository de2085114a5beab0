// Folds events into the rows of the platforms view. What services and platforms did counts as
// activity of a platform; what decklog was told about accounts and workers does not, or changing a
// policy would look like traffic. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "projections/counting/words.hpp"
#include "projections/platforms/platforms_rows.hpp"
#include "projections/view.hpp"

namespace decklog::projections::platforms {

/// Is the event a sign of life of the platform that it names?
[[nodiscard]] bool is_activity(const domain::EventView& event);

class PlatformsFold final : public Fold {
  public:
    explicit PlatformsFold(const RowReader& rows) : rows_(rows) {}

    [[nodiscard]] std::optional<Parked> apply(const domain::EventView& event) override;
    void finish(RowWriter& rows) override;

  private:
    struct Known {
        Activity activity;
        std::map<std::int64_t, std::uint64_t> errors{};  // by minute, since the last finish
        bool changed = false;
    };

    [[nodiscard]] std::optional<Parked> note_activity(const domain::EventView& event);
    [[nodiscard]] std::optional<Parked> note_record(Known& known, const domain::EventView& event);
    [[nodiscard]] std::optional<Parked> note_account(const domain::EventView& event);
    [[nodiscard]] std::optional<Parked> note_worker(const domain::EventView& event);
    [[nodiscard]] Known& known_of(const domain::EventView& event);

    const RowReader& rows_;
    counting::ByText<Known> known_;               // by place
    std::map<std::string, AccountRow> accounts_;  // changed, by id
    std::map<std::string, WorkerRow> workers_;    // changed, by name
    std::string place_;                           // scratch
};

}  // namespace decklog::projections::platforms
