#include "domain/event.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "domain/payload.hpp"
#include "tests/domain/given.hpp"

namespace decklog::domain::event_test {

Bytes event_bytes(const fb::EventT& event) { return encode_payload(event); }

EventView view_of(const Bytes& bytes) {
    return {flatbuffers::GetRoot<fb::Event>(bytes.data()), Position{}, 0};
}

fb::EventT revocation() {
    fb::EventT event;
    event.type = static_cast<std::uint32_t>(EventType::token_revoked);
    fb::TokenRevokedT payload;
    payload.token_id = "a1";
    event.payload = encode_payload(payload);
    return event;
}

TEST(EventView, NamesOurTypesByTheRegistry) {
    const Bytes bytes = event_bytes(revocation());
    EXPECT_EQ(view_of(bytes).type_name(), "TokenRevoked");
    EXPECT_EQ(view_of(bytes).action(), "token_revoked");
}

TEST(EventView, NamesOutsideTypesAndActionsByTheEnvelope) {
    fb::EventT event;
    event.type = static_cast<std::uint32_t>(EventType::external_event_recorded);
    event.external_type = "com.example.built";
    const Bytes external = event_bytes(event);
    EXPECT_EQ(view_of(external).type_name(), "com.example.built");
    EXPECT_EQ(view_of(external).action(), "");

    event = {};
    event.type = static_cast<std::uint32_t>(EventType::audit_action_recorded);
    event.action = "ai_reply_created";
    const Bytes audit = event_bytes(event);
    EXPECT_EQ(view_of(audit).type_name(), "AuditActionRecorded");
    EXPECT_EQ(view_of(audit).action(), "ai_reply_created");
}

TEST(EventView, NamesTypesOfANewerBuildByTheirNumber) {
    fb::EventT event;
    event.type = 0x0399;
    const Bytes bytes = event_bytes(event);
    EXPECT_EQ(view_of(bytes).type_name(), "unknown:0x0399");
    EXPECT_EQ(view_of(bytes).action(), "");
}

TEST(EventView, CountsTheConversationWhenNoUnitIsGiven) {
    fb::EventT event;
    event.conversation = "c-1";
    const Bytes without = event_bytes(event);
    EXPECT_EQ(view_of(without).unit(), "c-1");
    EXPECT_EQ(view_of(without).given_unit(), "");
    event.unit = "u-1";
    const Bytes with = event_bytes(event);
    EXPECT_EQ(view_of(with).unit(), "u-1");
}

TEST(EventView, LeavesAbsentFieldsEmpty) {
    const Bytes bytes = event_bytes(fb::EventT{});
    const EventView event = view_of(bytes);
    EXPECT_TRUE(event.event_id().is_zero());
    EXPECT_TRUE(event.trace_id().is_zero());
    EXPECT_FALSE(event.causation_id().has_value());
    EXPECT_FALSE(event.subject().has_value());
    EXPECT_FALSE(event.raw().has_value());
    EXPECT_EQ(event.stream(), "");
    EXPECT_EQ(event.payload_size(), 0U);
    EXPECT_EQ(event.payload_as<fb::TokenRevoked>(), nullptr);
    EXPECT_EQ(to_text(event.cohort()), "");
}

// The envelope is read in place and needs only the alignment of its own offsets.
TEST(EventView, ReadsPayloadsThatAreNotAlignedToEight) {
    const Bytes bytes = event_bytes(revocation());
    for (const std::size_t shift : {0U, 4U}) {
        std::vector<std::uint64_t> storage(bytes.size() / 8 + 2);
        auto* shifted = reinterpret_cast<std::uint8_t*>(storage.data()) + shift;
        std::memcpy(shifted, bytes.data(), bytes.size());
        const EventView event(flatbuffers::GetRoot<fb::Event>(shifted), Position{}, 0);
        const fb::TokenRevoked* payload = event.payload_as<fb::TokenRevoked>();
        ASSERT_NE(payload, nullptr);
        EXPECT_EQ(payload->token_id()->str(), "a1");
    }
}

TEST(EventView, GivesNoPayloadThatDoesNotVerify) {
    fb::EventT event = revocation();
    event.payload.resize(6);
    const Bytes truncated = event_bytes(event);
    EXPECT_EQ(view_of(truncated).payload_as<fb::TokenRevoked>(), nullptr);
    event.payload.assign(64, 0xFF);
    const Bytes noise = event_bytes(event);
    EXPECT_EQ(view_of(noise).payload_as<fb::TokenRevoked>(), nullptr);
}

TEST(Payload, DecodesNothingFromBytesThatDoNotVerify) {
    EXPECT_FALSE(decode_payload<fb::Personal>(Bytes{}).has_value());
    EXPECT_FALSE(decode_payload<fb::Personal>(Bytes(64, 0xFF)).has_value());
    Bytes bytes = revocation().payload;
    bytes.resize(bytes.size() / 2);
    EXPECT_FALSE(decode_payload<fb::TokenRevoked>(bytes).has_value());
}

TEST(Cohort, ReadsItsOwnTextAndNothingElse) {
    for (const Cohort cohort : {Cohort::none, Cohort::shadow, Cohort::canary, Cohort::full}) {
        EXPECT_EQ(cohort_from_text(to_text(cohort)), cohort);
    }
    EXPECT_EQ(cohort_from_text("none"), Cohort::none);
    EXPECT_FALSE(cohort_from_text("Canary").has_value());
    EXPECT_FALSE(cohort_from_text("half").has_value());
}

}  // namespace decklog::domain::event_test
