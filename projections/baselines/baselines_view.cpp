#include "projections/baselines/baselines_view.hpp"

#include <array>

#include "domain/time_text.hpp"
#include "projections/baselines/baselines_rows.hpp"
#include "projections/baselines/work_table.hpp"
#include "projections/counting/bucket_counts.hpp"
#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections {
namespace {

using namespace baseline;
using domain::EventType;

constexpr std::string_view kUnknown = "unknown";
constexpr std::size_t kKnownActionsMax = 4096;  // between batches: actions have any name

std::string_view view_of(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
}

class BaselinesFold final : public Fold {
  public:
    explicit BaselinesFold(const RowReader& rows) : words_(rows) {}

    [[nodiscard]] std::optional<Parked> apply(const domain::EventView& event) override {
        if (!event.is(EventType::audit_action_recorded) || !is_work(event.action()))
            return std::nullopt;
        bytes_.clear();
        if (!put_unit(event)) {
            return Parked{std::string(event.stream()),
                          "the payload of an audit action does not verify"};
        }
        const std::uint32_t unit = words_.number(kUnits, bytes_);
        bytes_.clear();
        put_stream(bytes_, event.cohort(), event.action(),
                   event.platform().empty() ? kUnknown : event.platform());
        units_.add(event.occurred_at_us(), {words_.number(kStreams, bytes_), unit}, 1);
        return std::nullopt;
    }

    void finish(RowWriter& rows) override {
        words_.finish(rows);
        units_.finish(kUnitCounts, rows);
        if (is_work_.size() > kKnownActionsMax) is_work_.clear();
    }

  private:
    bool is_work(std::string_view action) {
        const auto found = is_work_.find(action);
        return found != is_work_.end()
                   ? found->second
                   : is_work_.emplace(std::string(action), is_counted(action)).first->second;
    }

    // Actions of workers often name no conversation; then the entity they are about is the unit, so
    // that not all of them fall together.
    bool put_unit(const domain::EventView& event) {
        counting::put_ordered(bytes_, event.workspace());
        if (!event.unit().empty()) {
            counting::put_ordered(bytes_, event.unit());
            return true;
        }
        const auto* action = event.payload_as<fb::AuditActionRecorded>();
        if (action == nullptr) return false;
        counting::put_ordered(bytes_, view_of(action->entity_type()));
        counting::put_ordered(bytes_, view_of(action->entity_id()));
        return true;
    }

    counting::WordGiver words_;
    counting::BucketCounts units_;
    counting::ByText<bool> is_work_;
    std::string bytes_;  // scratch
};

std::string unit_text(std::string_view packed) {
    RowBytes parts(packed);
    std::string text = counting::ordered_text(parts);  // the workspace
    while (!parts.at_end()) text.append("/").append(counting::ordered_text(parts));
    return text;
}

class BaselinesView final : public View {
  public:
    [[nodiscard]] std::string_view name() const override { return "baselines"; }
    [[nodiscard]] std::uint32_t logic_version() const override { return 1; }
    [[nodiscard]] std::uint64_t fingerprint() const override { return kFingerprint; }
    [[nodiscard]] std::span<const domain::Family> families() const override { return kFamilies; }
    [[nodiscard]] std::unique_ptr<Fold> begin(const RowReader& rows) const override {
        return std::make_unique<BaselinesFold>(rows);
    }

    void print(const RowReader& rows, std::uint32_t /*partition*/,
               const std::function<bool(boost::json::object)>& sink) const override {
        const counting::Words words(rows);
        const std::string prefix(1, kUnitCounts);
        rows.scan(prefix, end_of_prefix(prefix),
                  [&](std::string_view key, std::string_view packed) {
                      return print_row(words, key, packed, sink);
                  });
    }

  private:
    static bool print_row(const counting::Words& words, std::string_view key,
                          std::string_view packed,
                          const std::function<bool(boost::json::object)>& sink) {
        const counting::Bucket bucket = counting::bucket_in(key);
        const std::string from =
            domain::to_rfc3339(counting::begin_of(bucket.level, bucket.number));
        CountReader reader(packed);
        while (const auto entry = reader.next()) {
            const counting::Slot slot = counting::slot_in(entry->key);
            const Stream stream = stream_in(words.text(kStreams, slot.group));
            const std::string_view cohort = domain::to_text(stream.cohort);
            if (!sink({{"row", counting::to_text(bucket.level)},
                       {"from", from},
                       {"cohort", cohort.empty() ? "none" : cohort},
                       {"action", stream.action},
                       {"platform", stream.platform},
                       {"unit", unit_text(words.text(kUnits, slot.number))},
                       {"count", entry->count}})) {
                return false;
            }
        }
        return true;
    }

    static constexpr std::uint64_t kFingerprint = 0x3661eef268d4b628;
    static constexpr std::array kFamilies{domain::Family::audit};
};

}  // namespace

const View& baselines_view() {
    static const BaselinesView view;
    return view;
}

}  // namespace decklog::projections
