#include "api/platforms/account_json.hpp"

#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

using projections::AccountHealth;
using projections::AccountInfo;

/// Nobody is asked why an account was switched off, so every one has the facts' default.
constexpr std::string_view kDisableReason = "disabled_by_admin_policy";

void text_or_null(JsonWriter& json, std::string_view name, std::string_view text) {
    json.key(name);
    text.empty() ? json.null() : json.text(text);
}

void time_or_null(JsonWriter& json, std::string_view name, std::int64_t time_us) {
    text_or_null(json, name, time_us == 0 ? std::string() : domain::to_rfc3339(time_us));
}

void write_policy(JsonWriter& json, const AccountInfo& account,
                  std::string_view default_send_mode) {
    const auto& state = account.state;
    json.field("id", account.id)
        .field("platform", state.platform)
        .field("accountName", state.account_name)
        .field("accountExternalId", state.account_external_id)
        .key("isActive")
        .boolean(state.policy.is_active)
        .field("integrationMode", state.policy.integration_mode)
        .field("sendMode", domain::effective_send_mode(state.policy, default_send_mode));
    text_or_null(json, "sendModeOverride", state.policy.send_mode);
    json.field("globalDefaultSendMode", default_send_mode);
}

std::string_view health_of(const AccountHealth& health) {
    if (!health.account.state.policy.is_active) return "inactive";
    return health.errors > 0 ? "degraded" : "healthy";
}

}  // namespace

void write_account(JsonWriter& json, const AccountInfo& account,
                   std::string_view default_send_mode) {
    json.begin_object();
    write_policy(json, account, default_send_mode);
    json.key("credentials").begin_object();
    for (const domain::Credential& credential : account.state.policy.credentials)
        json.field(credential.key, credential.ref);
    json.end_object()
        .field("createdAt", domain::to_rfc3339(account.state.created_at_us))
        .field("updatedAt", domain::to_rfc3339(account.state.updated_at_us))
        .end_object();
}

void write_health(JsonWriter& json, const AccountHealth& health,
                  std::string_view default_send_mode) {
    json.begin_object();
    write_policy(json, health.account, default_send_mode);
    time_or_null(json, "lastSuccessfulIngestAt", health.last.ingest_us);
    time_or_null(json, "lastSuccessfulSendAt", health.last.send_us);
    json.key("errorCount24h").number(health.errors);
    const bool is_active = health.account.state.policy.is_active;
    text_or_null(json, "disableReason", is_active ? std::string_view{} : kDisableReason);
    json.field("health", health_of(health));
    json.key("error").begin_object().key("count24h").number(health.errors);
    time_or_null(json, "lastErrorAt", health.last.error_us);
    json.end_object().end_object();
}

}  // namespace decklog::api
