#include "domain/subject/subject.hpp"

#include <gtest/gtest.h>

#include "tests/domain/given.hpp"

namespace decklog::domain::subject_test {

EraseSubject erase() {
    EraseSubject command;
    command.actor = {"admin", "env-admin"};
    command.recorded_by = "token:env-admin";
    command.now_us = 1'700'000'000'000'000;
    command.subject.bytes.fill(0xAB);
    command.reason = "asked to be forgotten";
    command.keys_destroyed = 2;
    command.raw_bodies_deleted = 7;
    return command;
}

StoredEvent erased() {
    return StoredEvent(given<Subject>().when(erase()).yields(EventType::subject_erased));
}

TEST(EraseSubject, YieldsWhatWasDestroyedAndWhyUnderTheSubject) {
    const NewEvent event = given<Subject>().when(erase()).yields(EventType::subject_erased);
    EXPECT_EQ(event.stream, "subject/p_abababababababababababababababab");
    EXPECT_EQ(event.subject, erase().subject);
    EXPECT_EQ(event.platform, "decklog");
    EXPECT_EQ(event.actor.id, "env-admin");
    EXPECT_TRUE(event.sealed.empty());
    const auto payload = decode_payload<fb::SubjectErased>(event.payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->reason, "asked to be forgotten");
    EXPECT_EQ(payload->keys_destroyed, 2U);
    EXPECT_EQ(payload->raw_bodies_deleted, 7U);
}

TEST(EraseSubject, AnErasedOneIsAcceptedWithNothingToDo) {
    given<Subject>({erased()}).when(erase()).stays_quiet();
}

TEST(EraseSubject, RefusesAReasonThatMayNotStand) {
    EraseSubject command = erase();
    command.reason.clear();
    EXPECT_EQ(given<Subject>().when(command).refuses("invalid_reason", "reason").limit, 500);
}

TEST(EraseSubject, LeavesAloneWhatANewerReleaseWrote) {
    given<Subject>({StoredEvent(0x07FE, 1, {})}).when(erase()).refuses("newer_build");
    given<Subject>({StoredEvent(0x0701, 99, {})}).when(erase()).refuses("newer_build");
}

std::string refusal(std::string_view reason, std::string_view native_id = {}) {
    const auto refused = refusal_of_reason(reason, native_id);
    return refused ? refused->code : "";
}

TEST(ReasonOfAnErasure, Is1To500BytesOfText) {
    EXPECT_EQ(refusal("x"), "");
    EXPECT_EQ(refusal(std::string(500, 'x')), "");
    EXPECT_EQ(refusal("wegen § 17"), "");
    EXPECT_EQ(refusal(""), "invalid_reason");
    EXPECT_EQ(refusal(std::string(501, 'x')), "invalid_reason");
    EXPECT_EQ(refusal("two\nlines"), "invalid_reason");
    EXPECT_EQ(refusal("a\x7F"), "invalid_reason");
    EXPECT_EQ(refusal("a\xFF"), "invalid_reason");
}

TEST(ReasonOfAnErasure, NeverSaysWhoItWas) {
    EXPECT_EQ(refusal("16505551234 wrote to us", "16505551234"), "native_id_in_reason");
    EXPECT_EQ(refusal("+1 (650) 555-1234 wrote to us", "16505551234"), "native_id_in_reason");
    EXPECT_EQ(refusal("for U024BE7LH", "U024BE7LH"), "native_id_in_reason");
    EXPECT_EQ(refusal("ticket 4711", "16505551234"), "");
    EXPECT_EQ(refusal("ticket 1-2", "12345"), "");
}

}  // namespace decklog::domain::subject_test
