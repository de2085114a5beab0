#include "projections/platforms/platforms_view.hpp"

#include <array>

#include "domain/time_text.hpp"
#include "projections/platforms/platforms_fold.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections {
namespace {

using namespace platforms;

boost::json::value time_or_null(std::int64_t time_us) {
    if (time_us == 0) return nullptr;
    return boost::json::value(domain::to_rfc3339(time_us));
}

boost::json::object activity_row(std::string_view key, std::string_view row) {
    const Place place = place_in(key);
    const Activity activity = activity_in(row);
    return {{"row", "activity"},
            {"platform", place.platform},
            {"account", place.account},
            {"lastAt", time_or_null(activity.any_us)},
            {"lastOrdinal", activity.any_ordinal},
            {"lastIngestAt", time_or_null(activity.ingest_us)},
            {"lastSendAt", time_or_null(activity.send_us)},
            {"lastErrorAt", time_or_null(activity.error_us)}};
}

boost::json::object errors_row(std::string_view key, std::string_view row) {
    const Place place = place_in(key);
    return {{"row", "errors"},
            {"platform", place.platform},
            {"account", place.account},
            {"minute", domain::to_rfc3339(minute_in(key) * kMinuteUs)},
            {"count", count_in(row)}};
}

boost::json::object account_row(std::string_view key, std::string_view row) {
    const AccountRow account = account_in(row);
    const domain::PlatformAccount::State& state = account.state;
    boost::json::object credentials;
    for (const domain::Credential& credential : state.policy.credentials)
        credentials[credential.key] = credential.ref;
    return {{"row", "account"},
            {"id", key.substr(1)},
            {"platform", state.platform},
            {"accountName", state.account_name},
            {"accountExternalId", state.account_external_id},
            {"isActive", state.policy.is_active},
            {"sendModeOverride", state.policy.send_mode},
            {"integrationMode", state.policy.integration_mode},
            {"credentials", std::move(credentials)},
            {"createdAt", time_or_null(state.created_at_us)},
            {"updatedAt", time_or_null(state.updated_at_us)},
            {"switchedOrdinal", account.switched_ordinal}};
}

boost::json::object worker_row(std::string_view key, std::string_view row) {
    const WorkerRow worker = worker_in(key.substr(1), row);
    return {{"row", "worker"},
            {"name", worker.report.worker},
            {"release", worker.report.release},
            {"provider", worker.report.provider},
            {"runtime", worker.report.runtime},
            {"queueDepth", worker.report.queue_depth},
            {"hasError", worker.report.error_hash.has_value()},
            {"reportedAt", time_or_null(worker.at_us)}};
}

class PlatformsView final : public View {
  public:
    [[nodiscard]] std::string_view name() const override { return "platforms"; }
    [[nodiscard]] std::uint32_t logic_version() const override { return 1; }
    [[nodiscard]] std::uint64_t fingerprint() const override { return kFingerprint; }
    // Those whose types mean something here; of the rest any type is a sign of life.
    [[nodiscard]] std::span<const domain::Family> families() const override { return kFamilies; }
    [[nodiscard]] std::unique_ptr<Fold> begin(const RowReader& rows) const override {
        return std::make_unique<PlatformsFold>(rows);
    }

    void print(const RowReader& rows, std::uint32_t /*partition*/,
               const std::function<bool(boost::json::object)>& sink) const override {
        rows.scan("", "", [&](std::string_view key, std::string_view row) {
            switch (key.front()) {
                case kActivity:
                    return sink(activity_row(key, row));
                case kErrors:
                    return sink(errors_row(key, row));
                case kAccount:
                    return sink(account_row(key, row));
                default:
                    return sink(worker_row(key, row));
            }
        });
    }

  private:
    static constexpr std::uint64_t kFingerprint = 0xb4debd32a77334ca;
    static constexpr std::array kFamilies{domain::Family::chat, domain::Family::audit,
                                          domain::Family::record, domain::Family::service};
};

}  // namespace

const View& platforms_view() {
    static const PlatformsView view;
    return view;
}

}  // namespace decklog::projections
