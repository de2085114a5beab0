#include "domain/account/account.hpp"

#include <memory>
#include <utility>

#include "domain/check.hpp"
#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "domain/stream_name.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

static_assert(Decider<PlatformAccount>);

constexpr std::string_view kIntegrationMode = "rpa";

std::string text(const flatbuffers::String* field) {
    return field == nullptr ? std::string{} : field->str();
}

// ---- between payloads and policies

template <class Payload>
AccountPolicy policy_in(const Payload& payload) {
    AccountPolicy policy;
    policy.is_active = payload.is_active();
    policy.send_mode = text(payload.send_mode());
    policy.integration_mode = text(payload.integration_mode());
    if (payload.credentials() == nullptr) return policy;
    for (const fb::CredentialRef* ref : *payload.credentials())
        policy.credentials.push_back({text(ref->key()), text(ref->ref())});
    return policy;
}

template <class PayloadT>
void put_policy(PayloadT& payload, const AccountPolicy& policy, const AccountOrder& order) {
    payload.is_active = policy.is_active;
    payload.send_mode = policy.send_mode;
    payload.integration_mode = policy.integration_mode;
    for (const Credential& credential : policy.credentials) {
        auto ref = std::make_unique<fb::CredentialRefT>();
        ref->key = credential.key;
        ref->ref = credential.ref;
        payload.credentials.push_back(std::move(ref));
    }
    payload.effective_send_mode = effective_send_mode(policy, order.default_send_mode);
}

// ---- refusals

std::optional<Rejection> refusal_of(const AccountPolicy& policy) {
    if (!policy.send_mode.empty() && !is_send_mode(policy.send_mode)) {
        return Rejection{"unknown_send_mode",
                         "the send mode is auto_send or draft_only; null takes the default",
                         "sendMode"};
    }
    if (policy.integration_mode != kIntegrationMode) {
        return Rejection{"unknown_integration_mode", "the integration mode is rpa",
                         "integrationMode"};
    }
    if (const auto checked = check_credentials(policy.credentials); !checked)
        return checked.error();
    return std::nullopt;
}

std::optional<Rejection> refusal_of_id(std::string_view id, const char* field) {
    if (is_outside_id(id)) return std::nullopt;
    return Rejection{"invalid_id", "1-200 bytes of UTF-8 without control characters", field,
                     static_cast<std::int64_t>(limits::kOutsideIdBytesMax)};
}

std::optional<Rejection> refusal_of(const CreatePlatformAccount& command) {
    if (!is_name(command.platform)) {
        return Rejection{
            "invalid_name",
            "a platform begins with a letter or digit, then up to 127 more of these and ._:-",
            "platform", static_cast<std::int64_t>(limits::kNameBytesMax)};
    }
    if (auto refusal = refusal_of_id(command.account_name, "accountName")) return refusal;
    if (auto refusal = refusal_of_id(command.account_external_id, "accountExternalId"))
        return refusal;
    return refusal_of(command.policy);
}

tl::unexpected<Rejection> newer_build() {
    return reject("newer_build", "a newer release wrote to this account; use that release");
}

// ---- decisions

NewEvent audited(EventType type, const AccountOrder& order, std::string_view account_id,
                 std::string platform, std::string external_id) {
    const TokenOrder& by = order.by;
    DECKLOG_CHECK(!by.actor.type.empty() && !by.actor.id.empty() && !by.recorded_by.empty());
    DECKLOG_CHECK(is_name(account_id));
    NewEvent event;
    event.type = type;
    event.workspace = by.workspace;
    event.stream = account_stream(account_id);
    event.occurred_at_us = by.now_us;
    event.actor = by.actor;
    event.recorded_by = by.recorded_by;
    event.platform = std::move(platform);
    event.account = std::move(external_id);
    event.trace_id = by.trace_id;
    return event;
}

Decision<Events> decide_on(const CreatePlatformAccount& command,
                           const PlatformAccount::State& state) {
    if (auto refusal = refusal_of(command)) return tl::unexpected(std::move(*refusal));
    if (state.exists) {
        return reject("already_created",
                      "this platform has an account by this external id; change its policy",
                      "accountExternalId");
    }
    NewEvent event = audited(EventType::platform_account_created, command.order, command.account_id,
                             command.platform, command.account_external_id);
    fb::PlatformAccountCreatedT payload;
    payload.account_id = command.account_id;
    payload.platform = command.platform;
    payload.account_name = command.account_name;
    payload.account_external_id = command.account_external_id;
    put_policy(payload, command.policy, command.order);
    event.payload = encode_payload(payload);
    return Events{std::move(event)};
}

/// The policy after the update, and the names of what it changed.
struct Updated {
    AccountPolicy policy;
    std::vector<std::string> updates;

    template <class Value>
    void take(Value& current, const std::optional<Value>& wanted, const char* name) {
        if (!wanted || *wanted == current) return;
        current = *wanted;
        updates.emplace_back(name);
    }
};

Updated updated(const UpdatePlatformPolicy& command, const AccountPolicy& before) {
    Updated after{before, {}};
    after.take(after.policy.is_active, command.is_active, "isActive");
    after.take(after.policy.send_mode, command.send_mode, "sendMode");
    after.take(after.policy.integration_mode, command.integration_mode, "integrationMode");
    after.take(after.policy.credentials, command.credentials, "credentials");
    return after;
}

Decision<Events> decide_on(const UpdatePlatformPolicy& command,
                           const PlatformAccount::State& state) {
    if (!state.exists)
        return reject("not_found", "no platform account has this id; list them", "id");
    const Updated after = updated(command, state.policy);
    if (auto refusal = refusal_of(after.policy)) return tl::unexpected(std::move(*refusal));
    if (after.updates.empty()) return Events{};
    NewEvent event = audited(EventType::platform_policy_updated, command.order, command.account_id,
                             state.platform, state.account_external_id);
    fb::PlatformPolicyUpdatedT payload;
    payload.account_id = command.account_id;
    payload.updates = after.updates;
    put_policy(payload, after.policy, command.order);
    event.payload = encode_payload(payload);
    return Events{std::move(event)};
}

Intent bound(std::string name, const TokenOrder& by, std::string_view account_id,
             PlatformAccount::Command command) {
    return intent<PlatformAccount>(
        std::move(name), StreamRef{by.workspace, account_stream(account_id)}, std::move(command));
}

}  // namespace

bool is_send_mode(std::string_view text) { return text == "auto_send" || text == "draft_only"; }

std::string_view effective_send_mode(const AccountPolicy& policy, std::string_view default_mode) {
    return policy.send_mode.empty() ? default_mode : std::string_view(policy.send_mode);
}

PlatformAccount::State PlatformAccount::evolve(State state, const EventView& event) {
    const TypeInfo* info = find_type(event.type());
    if (state.beyond_this_build || info == nullptr ||
        event.schema_version() > info->schema_version) {
        state.beyond_this_build = true;
        return state;
    }
    if (info->type == EventType::platform_account_created) {
        const auto* payload = event.payload_as<fb::PlatformAccountCreated>();
        if (payload == nullptr) return state;
        state.exists = true;
        state.platform = text(payload->platform());
        state.account_name = text(payload->account_name());
        state.account_external_id = text(payload->account_external_id());
        state.policy = policy_in(*payload);
        state.created_at_us = state.updated_at_us = event.recorded_at_us();
    } else if (info->type == EventType::platform_policy_updated) {
        const auto* payload = event.payload_as<fb::PlatformPolicyUpdated>();
        if (payload == nullptr) return state;
        state.policy = policy_in(*payload);
        state.updated_at_us = event.recorded_at_us();
    }
    return state;
}

std::vector<StreamRef> PlatformAccount::reads(const Command& command) {
    return std::visit(
        [](const auto& c) {
            return std::vector{StreamRef{c.order.by.workspace, account_stream(c.account_id)}};
        },
        command);
}

Decision<Events> PlatformAccount::decide(const Command& command, const State& state) {
    if (state.beyond_this_build) return newer_build();
    return std::visit([&state](const auto& c) { return decide_on(c, state); }, command);
}

Intent create_platform_account(CreatePlatformAccount command) {
    const TokenOrder by = command.order.by;
    const std::string id = command.account_id;
    return bound("create_platform_account", by, id, std::move(command));
}

Intent update_platform_policy(UpdatePlatformPolicy command) {
    const TokenOrder by = command.order.by;
    const std::string id = command.account_id;
    return bound("update_platform_policy", by, id, std::move(command));
}

}  // namespace decklog::domain
