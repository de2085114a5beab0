#include "projections/rollouts/rollouts_view.hpp"

#include <array>

#include "domain/time_text.hpp"
#include "projections/rollouts/rollouts_fold.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections {
namespace {

using namespace rollout;
namespace json = boost::json;

constexpr double kMillis = 1'000;

json::object printed(const domain::gate::ArmCounts& arm) {
    return {{"units", arm.units},
            {"errors", arm.errors},
            {"attempted", arm.attempted},
            {"late", arm.late}};
}

json::array printed(const std::vector<domain::gate::StreamCounts>& streams) {
    json::array list;
    for (const auto& stream : streams) {
        list.push_back(json::object{{"canary", printed(stream.canary)},
                                    {"baseline", printed(stream.baseline)}});
    }
    return list;
}

json::object printed(const domain::gate::HandledCounts& handled) {
    return {{"canary", handled.canary}, {"baseline", handled.baseline}};
}

json::object printed_rollout(const RolloutName& name, const RolloutRow& row) {
    return {{"row", "rollout"},
            {"workspace", name.workspace},
            {"id", name.id},
            {"service", row.service},
            {"release", row.release},
            {"baselineRelease", row.baseline_release},
            {"policyHash", row.policy_hash},
            {"stage", domain::to_text(row.stage)},
            {"weight", row.weight_millis / kMillis},
            {"checks", row.checks},
            {"verdict", row.verdict},
            {"reason", row.reason},
            {"subject", row.subject}};
}

json::object printed_counts(const RolloutName& name, const CountsRow& row) {
    return {{"row", "check"},
            {"workspace", name.workspace},
            {"id", name.id},
            {"seal", name.seal_ordinal},
            {"sealedAt", domain::to_rfc3339(row.sealed_at_us)},
            {"weight", row.weight_millis / kMillis},
            {"handled", printed(row.handled)},
            {"streams", printed(row.streams)}};
}

json::object printed_open(const OpenRow& row) {
    return {{"row", "open"},
            {"workspace", row.workspace},
            {"id", row.id},
            {"stage", domain::to_text(row.stage)},
            {"weight", row.weight_millis / kMillis},
            {"watch", row.watch},
            {"since", domain::to_rfc3339(row.range_began_us)},
            {"handled", printed(row.handled)},
            {"streams", printed(row.streams)}};
}

json::object printed_unit(std::string_view key, std::string_view value) {
    RowBytes bytes(key);
    static_cast<void>(bytes.byte());
    const std::uint32_t number = bytes.be32();
    const std::uint8_t stream = bytes.byte();
    const bool is_canary = bytes.byte() == static_cast<std::uint8_t>(Arm::canary);
    const UnitRow row = unit_row(value);
    return {{"row", "unit"},        {"rollout", number},
            {"stream", stream},     {"arm", is_canary ? "canary" : "baseline"},
            {"unit", bytes.rest()}, {"watch", row.watch},
            {"check", row.check},   {"hasLeft", row.has_left},
            {"late", row.is_late}};
}

json::object printed_handled(std::string_view key, std::string_view value) {
    RowBytes bytes(key);
    static_cast<void>(bytes.byte());
    const std::uint32_t number = bytes.be32();
    const bool is_canary = bytes.byte() == static_cast<std::uint8_t>(Arm::canary);
    return {{"row", "handled"},
            {"rollout", number},
            {"arm", is_canary ? "canary" : "baseline"},
            {"unit", bytes.rest()},
            {"watch", number_row(value)}};
}

/// Of each stream, in the policy's order, over three days.
json::array printed_burn(std::string_view value) {
    json::array list;
    for (const BurnHistory& history : burn_row(value)) {
        const domain::gate::WindowCounts all = history.all();
        list.push_back(json::object{{"units", all.units}, {"errors", all.errors}});
    }
    return list;
}

json::object printed_row(std::string_view key, std::string_view value) {
    switch (key.front()) {
        case kRollout:
            return printed_rollout(name_in(key), rollout_row(value));
        case kCounts:
            return printed_counts(name_in(key), counts_row(value));
        case kOpen:
            return printed_open(open_row(value));
        case kUnit:
            return printed_unit(key, value);
        case kHandled:
            return printed_handled(key, value);
        case kBurn: {
            RowBytes bytes(key);
            static_cast<void>(bytes.byte());
            const std::uint32_t number = bytes.be32();
            return {{"row", "burn"}, {"rollout", number}, {"streams", printed_burn(value)}};
        }
        default:
            return {{"row", "numbers"}, {"given", number_row(value)}};
    }
}

class RolloutsView final : public View {
  public:
    [[nodiscard]] std::string_view name() const override { return "rollouts"; }
    [[nodiscard]] std::uint32_t logic_version() const override { return 1; }
    [[nodiscard]] std::uint64_t fingerprint() const override { return kFingerprint; }
    [[nodiscard]] std::span<const domain::Family> families() const override { return kFamilies; }
    [[nodiscard]] std::unique_ptr<Fold> begin(const RowReader& rows) const override {
        return std::make_unique<RolloutsFold>(rows);
    }
    void print(const RowReader& rows, std::uint32_t /*partition*/,
               const std::function<bool(boost::json::object)>& sink) const override {
        rows.scan({}, {}, [&sink](std::string_view key, std::string_view value) {
            return sink(printed_row(key, value));
        });
    }

  private:
    static constexpr std::uint64_t kFingerprint = 0xf32ff53651947feb;
    static constexpr std::array kFamilies{domain::Family::audit, domain::Family::rollout};
};

}  // namespace

const View& rollouts_view() {
    static const RolloutsView view;
    return view;
}

}  // namespace decklog::projections
