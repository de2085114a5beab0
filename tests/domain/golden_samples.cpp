#include "tests/domain/golden_samples.hpp"

#include "domain/gate/profiles.hpp"
#include "domain/rollout/check_record.hpp"
#include "domain/rollout/policy_record.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

namespace decklog::domain::golden {
namespace {

constexpr std::int64_t kTime = 1'700'000'000'123'456;

std::unique_ptr<fb::Key16> key_of(std::uint8_t first) {
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(first + i);
    auto key = std::make_unique<fb::Key16>();
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(key.get()));
    return key;
}

fb::LedgerCreatedT ledger_created() {
    fb::LedgerCreatedT t;
    t.ledger_id = key_of(0x10);
    t.partition = 3;
    t.chain = "decklog-chain-1";
    t.level = 1;
    return t;
}

fb::CommandNotedT command_noted() {
    fb::CommandNotedT t;
    t.command = "revoke_token";
    return t;
}

fb::ClockAcceptedT clock_accepted() {
    fb::ClockAcceptedT t;
    t.behind_us = 61'000'001;
    return t;
}

fb::LedgerForkedT ledger_forked() {
    fb::LedgerForkedT t;
    t.from_ledger_id = key_of(0x10);
    t.ledger_id = key_of(0x30);
    t.reason = "restore";
    return t;
}

fb::LedgerAdoptedT ledger_adopted() {
    fb::LedgerAdoptedT t;
    t.since_ordinal = 4711;
    return t;
}

fb::LedgerMovedT ledger_moved() {
    fb::LedgerMovedT t;
    t.to_kind = "topic";
    t.to_name = "decklog";
    return t;
}

fb::WorkspacePlacedT workspace_placed() {
    fb::WorkspacePlacedT t;
    t.workspace = "north";
    t.partition = 2;
    return t;
}

fb::LevelRaisedT level_raised() {
    fb::LevelRaisedT t;
    t.level = 2;
    t.from_level = 1;
    return t;
}

fb::SubjectErasedT subject_erased() {
    fb::SubjectErasedT t;
    t.reason = "request 2023-118";
    t.keys_destroyed = 1;
    t.raw_bodies_deleted = 7;
    return t;
}

fb::PersonalDataReadT personal_data_read() {
    fb::PersonalDataReadT t;
    t.by = "token:a1b2c3d4";
    t.filter = "conversation=-4001";
    t.count = 12;
    return t;
}

fb::TokenCreatedT token_created() {
    fb::TokenCreatedT t;
    t.token_id = "a1b2c3d4";
    t.role = "ingest";
    t.name = "lease-worker";
    t.hash.assign(32, 0x5A);
    t.expires_at = kTime;
    t.personal = true;
    t.account = "north";
    t.gate = "api-tests";
    return t;
}

fb::TokenRevokedT token_revoked() {
    fb::TokenRevokedT t;
    t.token_id = "a1b2c3d4";
    return t;
}

fb::MessageReceivedT message_received() {
    fb::MessageReceivedT t;
    t.message_id = "1365";
    t.thread = "77";
    t.reply_to = "1334";
    t.room_direct = true;
    t.content_kind = "photo";
    t.attachment_count = 2;
    t.actor_is_bot = true;
    t.hop = 1;
    return t;
}

fb::MessageEditedT message_edited() {
    fb::MessageEditedT t;
    t.message_id = "1365";
    t.thread = "77";
    t.room_direct = true;
    t.content_kind = "text";
    t.actor_is_bot = true;
    t.edited_at = kTime;
    return t;
}

fb::MessageDeletedT message_deleted() {
    fb::MessageDeletedT t;
    t.message_id = "1719209506.817929";
    t.room_direct = true;
    return t;
}

template <class Reaction>
Reaction reaction() {
    Reaction t;
    t.message_id = "123";
    t.room_direct = true;
    t.reactor = "p_000102030405060708090a0b0c0d0e0f";
    t.reaction = "r_101112131415161718191a1b1c1d1e1f";
    return t;
}

template <class Membership>
Membership membership() {
    Membership t;
    t.member = "p_000102030405060708090a0b0c0d0e0f";
    t.room_direct = true;
    return t;
}

fb::CommandReceivedT command_received() {
    fb::CommandReceivedT t;
    t.interaction_id = "846462639134605312";
    t.surface = "slash";
    t.room_direct = true;
    t.message_id = "1365";
    return t;
}

fb::ComponentUsedT component_used() {
    fb::ComponentUsedT t;
    t.interaction_id = "846462639134605313";
    t.room_direct = true;
    t.message_id = "1365";
    t.component_kind = "button";
    return t;
}

fb::DeliveryStatusReportedT delivery_status_reported() {
    fb::DeliveryStatusReportedT t;
    t.message_id = "m_202122232425262728292a2b2c2d2e2f";
    t.status = "failed";
    t.rank = 2;
    t.error_code = 131026;
    t.recipient = "p_000102030405060708090a0b0c0d0e0f";
    t.room_direct = true;
    return t;
}

fb::RoomMigratedT room_migrated() {
    fb::RoomMigratedT t;
    t.from_room = "-4001";
    t.to_room = "-1001234567890";
    return t;
}

fb::UnrecognisedReceivedT unrecognised_received() {
    fb::UnrecognisedReceivedT t;
    t.field = "poll";
    t.body_length = 4096;
    t.body_hash = key_of(0x30);
    t.too_large = true;
    return t;
}

fb::AuditActionRecordedT audit_action_recorded() {
    fb::AuditActionRecordedT t;
    t.id = "4711";
    t.id_is_number = true;
    t.entity_type = "conversation";
    t.entity_id = "c-1";
    auto known = std::make_unique<fb::ClearDetailT>();
    known->path = "retry.attempts";
    known->value = "1.10";
    t.known.push_back(std::move(known));
    t.details = R"({"retry": {"attempts": 1.10}})";
    t.actor_id_is_null = true;
    return t;
}

fb::MessageRecordedT message_recorded() {
    fb::MessageRecordedT t;
    t.message_id = "m-1";
    t.conversation_id = "c-1";
    t.direction = "outbound";
    t.review_status = "draft";
    t.sent_at = kTime;
    t.change_id = "change-7";
    t.source = "/lease/api";
    return t;
}

fb::AppointmentRecordedT appointment_recorded() {
    fb::AppointmentRecordedT t;
    t.appointment_id = "a-1";
    t.status = "confirmed";
    t.created_at = kTime;
    t.starts_at = kTime + 1;
    t.ends_at = kTime + 2;
    t.change_id = "change-8";
    t.source = "/lease/api";
    return t;
}

fb::ExternalEventRecordedT external_event_recorded() {
    fb::ExternalEventRecordedT t;
    t.cloud_event_id = "ce-1";
    t.source = "/build/ci";
    t.data_length = 512;
    return t;
}

template <class PayloadT>
PayloadT with_policy(PayloadT t) {
    t.account_id = "roomies-1c9f03a2b4d5e6f7";
    t.is_active = true;
    t.send_mode = "auto_send";
    t.integration_mode = "rpa";
    t.effective_send_mode = "auto_send";
    auto ref = std::make_unique<fb::CredentialRefT>();
    ref->key = "sessionRef";
    ref->ref = "env:ROOMIES_RPA_SESSION";
    t.credentials.push_back(std::move(ref));
    return t;
}

fb::PlatformAccountCreatedT platform_account_created() {
    auto t = with_policy(fb::PlatformAccountCreatedT{});
    t.platform = "roomies";
    t.account_name = "Roomies north";
    t.account_external_id = "roomies-north";
    return t;
}

fb::PlatformPolicyUpdatedT platform_policy_updated() {
    auto t = with_policy(fb::PlatformPolicyUpdatedT{});
    t.updates = {"isActive", "sendMode"};
    return t;
}

fb::WorkerReportedT worker_reported() {
    fb::WorkerReportedT t;
    t.worker = "worker-1";
    t.provider = "gemini";
    t.runtime = "playwright";
    t.queue_depth = 17;
    t.has_error = true;
    t.error_hash = key_of(0x50);
    return t;
}

fb::RolloutCreatedT rollout_created() {
    fb::RolloutCreatedT t;
    t.service = "lease-api";
    t.release = "r2";
    t.baseline_release = "r1";
    t.policy_hash = std::string(64, 'a');
    t.policy = record_of(*gate::find_profile("lease-bot"));
    t.policy_text = gate::canonical_text(*gate::find_profile("lease-bot"));
    t.salt = key_of(0x51);
    return t;
}

fb::RolloutStageChangedT rollout_stage_changed() {
    fb::RolloutStageChangedT t;
    t.from_stage = "canary";
    t.from_weight = 5;
    t.stage = "canary";
    t.weight = 25;
    t.overridden = true;
    return t;
}

fb::CheckSealedT check_sealed() {
    fb::CheckSealedT t;
    t.number = 3;
    t.after_ordinal = 4711;
    t.cause = "timer";
    return t;
}

fb::VerdictReachedT verdict_reached() {
    gate::SealedCheck check;
    check.sealed_at_us = kTime;
    check.canary_share = 0.05;
    check.handled = {50, 950};
    gate::StreamCounts counts;
    counts.canary = {1000, 3, 1001, 2};
    counts.baseline = {4000, 4, 4002, 1};
    counts.burn.emplace();
    counts.burn->one_hour = {60, 1};
    check.streams.push_back(counts);
    gate::StreamEvidence evidence;
    evidence.ln_regression = 0.452324;
    evidence.ln_floor = -1.5;
    evidence.has_canary = true;
    fb::VerdictReachedT t;
    t.verdict = "rollback";
    t.reason = "gate_failed";
    t.subject = "ci";
    t.missing = "not_proven";
    t.has_cause = true;
    t.cause = 815;
    t.number = 3;
    t.passes = 1;
    t.policy_hash = std::string(64, 'a');
    t.ln_share = 0.25;
    t.ln_share_at = 2.995732274;
    t.check = record_of(check);
    t.evidence = record_of(std::vector{evidence});
    t.missing_platforms = {"roomies"};
    return t;
}

fb::GateResultRecordedT gate_result_recorded() {
    fb::GateResultRecordedT t;
    t.name = "ci";
    t.passed = true;
    t.release = "r2";
    t.evidence = "https://ci.example.com/runs/7";
    return t;
}

fb::RolloutOverriddenT rollout_overridden() {
    fb::RolloutOverriddenT t;
    t.reason = "the errors are those of a test";
    t.expires_at = kTime;
    return t;
}

fb::BaselineFrozenT baseline_frozen() {
    fb::BaselineFrozenT t;
    t.until_ordinal = 4711;
    t.streams.push_back(std::make_unique<fb::GateFrozenT>());
    t.streams.back()->units = 20'000;
    t.streams.back()->errors = 50;
    t.streams.back()->from_ordinal = 1234;
    return t;
}

fb::RolloutCommandRanT rollout_command_ran() {
    fb::RolloutCommandRanT t;
    t.run = "run-7";
    t.number = 2;
    t.words = {"kubectl", "rollout", "undo", "deployment/lease-bot-api", "--to-revision=3"};
    t.exit_code = 1;
    t.output = "error: unable to find specified revision 3 in history\n";
    t.is_cut = true;
    t.started_at = kTime;
    t.ended_at = kTime + 1'500'000;
    t.verdict = "rollback";
    return t;
}

fb::DrillRecordedT drill_recorded() {
    fb::DrillRecordedT t;
    t.run = "run-7";
    t.kind = "rollback";
    t.environment = "staging";
    t.sha = "3f2c9d1";
    t.passed = true;
    t.follow_up_owner = "release-duty";
    t.history = "REVISION  CHANGE-CAUSE";
    t.revision = "3";
    t.snapshot = R"({"windowHours":2})";
    t.started_at = kTime;
    t.ended_at = kTime + 60'000'000;
    return t;
}

template <class Native>
Sample sample(EventType type, std::uint16_t version, const Native& native) {
    const TypeInfo& info = *find_type(static_cast<std::uint32_t>(type));
    return {file_name(info, version), table_name(info), encode_payload(native)};
}

}  // namespace

std::vector<Sample> payload_samples() {
    return {
        sample(EventType::ledger_created, 1, ledger_created()),
        sample(EventType::command_noted, 1, command_noted()),
        sample(EventType::clock_accepted, 1, clock_accepted()),
        sample(EventType::ledger_forked, 1, ledger_forked()),
        sample(EventType::ledger_adopted, 1, ledger_adopted()),
        sample(EventType::level_raised, 1, level_raised()),
        sample(EventType::ledger_moved, 1, ledger_moved()),
        sample(EventType::workspace_placed, 1, workspace_placed()),
        sample(EventType::token_created, 1, token_created()),
        sample(EventType::token_revoked, 1, token_revoked()),
        sample(EventType::message_received, 1, message_received()),
        sample(EventType::message_edited, 1, message_edited()),
        sample(EventType::message_deleted, 1, message_deleted()),
        sample(EventType::reaction_set, 1, reaction<fb::ReactionSetT>()),
        sample(EventType::reaction_cleared, 1, reaction<fb::ReactionClearedT>()),
        sample(EventType::member_joined, 1, membership<fb::MemberJoinedT>()),
        sample(EventType::member_left, 1, membership<fb::MemberLeftT>()),
        sample(EventType::command_received, 1, command_received()),
        sample(EventType::component_used, 1, component_used()),
        sample(EventType::delivery_status_reported, 1, delivery_status_reported()),
        sample(EventType::room_migrated, 1, room_migrated()),
        sample(EventType::unrecognised_received, 1, unrecognised_received()),
        sample(EventType::audit_action_recorded, 1, audit_action_recorded()),
        sample(EventType::message_recorded, 1, message_recorded()),
        sample(EventType::appointment_recorded, 1, appointment_recorded()),
        sample(EventType::external_event_recorded, 1, external_event_recorded()),
        sample(EventType::subject_erased, 1, subject_erased()),
        sample(EventType::personal_data_read, 1, personal_data_read()),
        sample(EventType::platform_account_created, 1, platform_account_created()),
        sample(EventType::platform_policy_updated, 1, platform_policy_updated()),
        sample(EventType::worker_reported, 1, worker_reported()),
        sample(EventType::rollout_created, 1, rollout_created()),
        sample(EventType::rollout_stage_changed, 1, rollout_stage_changed()),
        sample(EventType::check_sealed, 1, check_sealed()),
        sample(EventType::verdict_reached, 1, verdict_reached()),
        sample(EventType::gate_result_recorded, 1, gate_result_recorded()),
        sample(EventType::rollout_overridden, 1, rollout_overridden()),
        sample(EventType::baseline_frozen, 1, baseline_frozen()),
        sample(EventType::rollout_command_ran, 1, rollout_command_ran()),
        sample(EventType::drill_recorded, 1, drill_recorded()),
    };
}

Sample personal_sample() {
    fb::PersonalT t;
    t.display_name = "Ada";
    auto native_id = std::make_unique<fb::NativeIdT>();
    native_id->kind = "actor";
    native_id->value = "16505551234";
    t.native_ids.push_back(std::move(native_id));
    t.text = "is the unit still free?";
    auto span = std::make_unique<fb::SpanT>();
    span->kind = "bold";
    span->offset = 3;
    span->length = 8;
    span->target = "https://example.com/";
    t.spans.push_back(std::move(span));
    auto attachment = std::make_unique<fb::AttachmentT>();
    attachment->native_ref = "file-1";
    attachment->mime = "image/png";
    attachment->size = 12'345;
    attachment->sha256 = std::string(64, 'a');
    attachment->name = "plan.png";
    t.attachments.push_back(std::move(attachment));
    t.room_title = "Leads";
    t.roles = {"agent"};
    t.details = R"({"error": "socket hang up"})";
    return {"personal.v1.bin", "decklog.fb.Personal", encode_payload(t)};
}

fb::EventT envelope_sample() {
    fb::EventT t;
    t.event_id = key_of(0x01);
    t.type = static_cast<std::uint32_t>(EventType::token_revoked);
    t.schema_version = 1;
    t.action = "ai_reply_created";
    t.external_type = "com.example.built";
    t.workspace = "north";
    t.stream = "token/a1b2c3d4";
    t.stream_version = 2;
    t.occurred_at = kTime;
    t.actor_type = "operator";
    t.actor_id = "env-admin";
    t.recorded_by = "token:env-admin";
    t.platform = "decklog";
    t.account = "default";
    t.conversation = "-1001234567890";
    t.cohort = fb::Cohort::Canary;
    t.release = "2026.11.25";
    t.unit = "unit-1";
    t.correlation_id = "order-1";
    t.causation_id = key_of(0x20);
    t.trace_id = key_of(0x40);
    t.subject = key_of(0x60);
    t.content_type = "application/x-flatbuffers";
    t.schema_fingerprint = 0x0123456789ABCDEF;
    t.payload = encode_payload(golden::token_revoked());
    t.sealed.assign(73, 0xC5);
    t.raw = std::make_unique<fb::RawRefT>();
    t.raw->day = 19'675;
    t.raw->id = key_of(0x80);
    t.raw->length = 2048;
    t.raw->keyed_hash = key_of(0xA0);
    return t;
}

std::string file_name(const TypeInfo& info, std::uint16_t version) {
    std::string name;
    for (const char c : table_name(info).substr(std::string_view("decklog.fb.").size())) {
        const auto letter = static_cast<unsigned char>(c);
        if (std::isupper(letter) != 0 && !name.empty()) name.push_back('_');
        name.push_back(static_cast<char>(std::tolower(letter)));
    }
    return name + ".v" + std::to_string(version) + ".bin";
}

std::string table_name(const TypeInfo& info) {
    std::string name = "decklog.fb.";
    bool starts_word = true;
    for (const char c : info.name) {
        if (c == '.') {
            starts_word = true;
            continue;
        }
        name.push_back(starts_word ? static_cast<char>(std::toupper(static_cast<unsigned char>(c)))
                                   : c);
        starts_word = false;
    }
    return name;
}

}  // namespace decklog::domain::golden
