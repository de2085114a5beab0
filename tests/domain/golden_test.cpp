// The bytes of every event type and version, as they stand on people's disks: what today's code
// reads from them must be what was written then. A sample that changes on purpose is written anew
// with DECKLOG_REGENERATE_GOLDEN=1, before its release only; after that, a new schema version gets
// a new file.
#include <flatbuffers/idl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "domain/registry.hpp"
#include "tests/domain/golden_files.hpp"
#include "tests/domain/golden_samples.hpp"

namespace decklog::domain::golden_test {

using golden::Sample;

std::filesystem::path events() { return golden::kDirectory / "events"; }

std::vector<Sample> all_samples() {
    std::vector<Sample> samples = golden::payload_samples();
    samples.push_back(golden::personal_sample());
    samples.push_back(
        {"event_envelope.v1.bin", "decklog.fb.Event", encode_payload(golden::envelope_sample())});
    return samples;
}

Bytes golden_bytes(const std::string& file) {
    const auto bytes = golden::read_bytes(events() / file);
    EXPECT_TRUE(bytes.has_value()) << file << " is missing";
    return bytes.value_or(Bytes{});
}

const Bytes& binary_schema() {
    static const Bytes bytes = golden::read_bytes(DECKLOG_EVENTS_BFBS).value_or(Bytes{});
    return bytes;
}

/// All fields of the table as JSON text, through reflection and not through the generated code.
std::string as_text(const std::string& table, const Bytes& bytes) {
    if (bytes.empty()) return "no bytes";
    flatbuffers::IDLOptions options;
    options.strict_json = true;
    flatbuffers::Parser parser(options);
    EXPECT_TRUE(parser.Deserialize(binary_schema().data(), binary_schema().size()));
    EXPECT_TRUE(parser.SetRootType(table.c_str())) << table;
    std::string text;
    EXPECT_TRUE(flatbuffers::GenerateText(parser, bytes.data(), &text)) << table;
    return text;
}

class Golden : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        if (!golden::is_regenerating()) return;
        for (const Sample& sample : all_samples())
            golden::write_bytes(events() / sample.file, sample.bytes);
    }
};

TEST_F(Golden, EveryTypeAndVersionHasAFileAndEveryFileASample) {
    std::set<std::string> expected{"event_envelope.v1.bin", "personal.v1.bin"};
    for (const TypeInfo& info : all_types()) {
        for (std::uint16_t version = 1; version <= info.schema_version; ++version) {
            expected.insert(golden::file_name(info, version));
        }
    }
    std::set<std::string> sampled, found;
    for (const Sample& sample : all_samples()) sampled.insert(sample.file);
    for (const auto& entry : std::filesystem::directory_iterator(events()))
        found.insert(entry.path().filename());
    EXPECT_EQ(sampled, expected);
    EXPECT_EQ(found, expected);
}

TEST_F(Golden, EveryFieldReadsAsItWasWritten) {
    for (const Sample& sample : all_samples()) {
        EXPECT_EQ(as_text(sample.table, golden_bytes(sample.file)),
                  as_text(sample.table, sample.bytes))
            << sample.file;
    }
}

/// The generated code, which everything else uses, agrees with reflection.
template <class Table>
void expect_decodes(const std::string& file) {
    const auto decoded = decode_payload<Table>(golden_bytes(file));
    ASSERT_TRUE(decoded.has_value()) << file;
    const auto samples = all_samples();
    const auto sample = std::find_if(samples.begin(), samples.end(),
                                     [&](const Sample& s) { return s.file == file; });
    ASSERT_NE(sample, samples.end()) << file;
    EXPECT_EQ(encode_payload(*decoded), sample->bytes) << file;
}

TEST_F(Golden, TheGeneratedCodeDecodesEveryPayload) {
    expect_decodes<fb::LedgerCreated>("ledger_created.v1.bin");
    expect_decodes<fb::CommandNoted>("command_noted.v1.bin");
    expect_decodes<fb::ClockAccepted>("clock_accepted.v1.bin");
    expect_decodes<fb::WorkspacePlaced>("workspace_placed.v1.bin");
    expect_decodes<fb::TokenCreated>("token_created.v1.bin");
    expect_decodes<fb::TokenRevoked>("token_revoked.v1.bin");
    expect_decodes<fb::MessageReceived>("message_received.v1.bin");
    expect_decodes<fb::MessageEdited>("message_edited.v1.bin");
    expect_decodes<fb::MessageDeleted>("message_deleted.v1.bin");
    expect_decodes<fb::ReactionSet>("reaction_set.v1.bin");
    expect_decodes<fb::ReactionCleared>("reaction_cleared.v1.bin");
    expect_decodes<fb::MemberJoined>("member_joined.v1.bin");
    expect_decodes<fb::MemberLeft>("member_left.v1.bin");
    expect_decodes<fb::CommandReceived>("command_received.v1.bin");
    expect_decodes<fb::ComponentUsed>("component_used.v1.bin");
    expect_decodes<fb::DeliveryStatusReported>("delivery_status_reported.v1.bin");
    expect_decodes<fb::RoomMigrated>("room_migrated.v1.bin");
    expect_decodes<fb::UnrecognisedReceived>("unrecognised_received.v1.bin");
    expect_decodes<fb::AuditActionRecorded>("audit_action_recorded.v1.bin");
    expect_decodes<fb::MessageRecorded>("message_recorded.v1.bin");
    expect_decodes<fb::AppointmentRecorded>("appointment_recorded.v1.bin");
    expect_decodes<fb::ExternalEventRecorded>("external_event_recorded.v1.bin");
    expect_decodes<fb::Personal>("personal.v1.bin");
    expect_decodes<fb::Event>("event_envelope.v1.bin");
}

/// Fields of released tables that the golden bytes leave at their default, and so would not notice.
std::vector<std::string> unset_fields(const reflection::Schema& schema, const Sample& sample) {
    std::vector<std::string> unset;
    const Bytes bytes = golden_bytes(sample.file);
    const reflection::Object* table = golden::find_table(schema, sample.table);
    if (table == nullptr || bytes.empty()) return {sample.table + " is not in the schema"};
    for (const reflection::Field* field : *table->fields()) {
        const flatbuffers::voffset_t offset = field->offset();
        if (!flatbuffers::GetRoot<flatbuffers::Table>(bytes.data())->CheckField(offset))
            unset.push_back(field->name()->str());
    }
    return unset;
}

/// Of the release to come, so not in the released schema. `WorkspacePlaced` needs no level of its
/// own: it stands only in ledgers of several partitions, which no earlier release opens.
const std::set<std::string> kComing{"decklog.fb.WorkspacePlaced"};

TEST_F(Golden, EveryReleasedFieldIsSet) {
    const auto released =
        golden::read_bytes(golden::kDirectory / "schema" / "released" / "level-1.bfbs");
    ASSERT_TRUE(released.has_value());
    const reflection::Schema& schema = *reflection::GetSchema(released->data());
    for (const Sample& sample : all_samples()) {
        if (kComing.contains(sample.table)) continue;
        EXPECT_EQ(unset_fields(schema, sample), std::vector<std::string>{}) << sample.file;
    }
}

TEST_F(Golden, TheEnvelopeReadsThroughTheView) {
    const Bytes bytes = golden_bytes("event_envelope.v1.bin");
    ASSERT_FALSE(bytes.empty());
    std::vector<std::uint64_t> aligned(bytes.size() / sizeof(std::uint64_t) + 1);
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t*>(aligned.data()));
    const EventView event(flatbuffers::GetRoot<fb::Event>(aligned.data()), Position{0, 12}, 99);
    EXPECT_EQ(event.position(), (Position{0, 12}));
    EXPECT_EQ(event.recorded_at_us(), 99);
    EXPECT_EQ(to_hex(event.event_id().bytes), "0102030405060708090a0b0c0d0e0f10");
    EXPECT_TRUE(event.is(EventType::token_revoked));
    EXPECT_EQ(event.schema_version(), 1);
    EXPECT_EQ(event.action(), "ai_reply_created");
    EXPECT_EQ(event.type_name(), "com.example.built");
    EXPECT_EQ(event.workspace(), "north");
    EXPECT_EQ(event.stream(), "token/a1b2c3d4");
    EXPECT_EQ(event.stream_version(), 2U);
    EXPECT_EQ(event.occurred_at_us(), 1'700'000'000'123'456);
    EXPECT_EQ(event.actor_type(), "operator");
    EXPECT_EQ(event.actor_id(), "env-admin");
    EXPECT_EQ(event.recorded_by(), "token:env-admin");
    EXPECT_EQ(event.platform(), "decklog");
    EXPECT_EQ(event.account(), "default");
    EXPECT_EQ(event.conversation(), "-1001234567890");
    EXPECT_EQ(event.cohort(), Cohort::canary);
    EXPECT_EQ(event.release(), "2026.11.25");
    EXPECT_EQ(event.unit(), "unit-1");
    EXPECT_EQ(event.correlation_id(), "order-1");
    ASSERT_TRUE(event.causation_id().has_value());
    EXPECT_EQ(to_hex(event.causation_id()->bytes), "202122232425262728292a2b2c2d2e2f");
    EXPECT_EQ(to_text(event.trace_id()), "404142434445464748494a4b4c4d4e4f");
    ASSERT_TRUE(event.subject().has_value());
    EXPECT_EQ(to_text(*event.subject()), "p_606162636465666768696a6b6c6d6e6f");
    EXPECT_EQ(event.content_type(), "application/x-flatbuffers");
    EXPECT_EQ(event.schema_fingerprint(), 0x0123456789ABCDEFU);
    EXPECT_EQ(event.sealed_size(), 73U);
    const fb::TokenRevoked* payload = event.payload_as<fb::TokenRevoked>();
    ASSERT_NE(payload, nullptr);
    EXPECT_EQ(payload->token_id()->str(), "a1b2c3d4");
    ASSERT_TRUE(event.raw().has_value());
    EXPECT_EQ(event.raw()->day, 19'675U);
    EXPECT_EQ(to_hex(event.raw()->id.bytes), "808182838485868788898a8b8c8d8e8f");
    EXPECT_EQ(event.raw()->length, 2048U);
    EXPECT_EQ(to_hex(event.raw()->keyed_hash), "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
}

}  // namespace decklog::domain::golden_test
