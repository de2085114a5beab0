#include "domain/record/record.hpp"

#include <gtest/gtest.h>

#include "domain/payload.hpp"

namespace decklog::domain::record_test {

constexpr std::int64_t kNow = 1'700'000'000'000'000;
constexpr std::int64_t kMinute = 60'000'000;

MessageRecord message() {
    return {"m-1", "c-1", "roomies", "outbound", "draft", kNow - kMinute, "change-7", "/lease/api"};
}

AppointmentRecord appointment() {
    return {"a-1",          "roomies",          "confirmed", kNow,
            kNow + kMinute, kNow + 2 * kMinute, "change-8",  "/lease/api"};
}

NewEvent envelope() {
    NewEvent event;
    event.workspace = "north";
    event.occurred_at_us = kNow;
    event.recorded_by = "token:lease";
    return event;
}

void expect_refused(const Decision<NewEvent>& decision, std::string_view code,
                    std::string_view field) {
    ASSERT_FALSE(decision.has_value()) << field;
    EXPECT_EQ(decision.error().code, code);
    EXPECT_EQ(decision.error().field, field);
}

template <class Change>
Decision<NewEvent> changed_message(Change change) {
    MessageRecord record = message();
    change(record);
    return message_recorded(record, envelope());
}

template <class Change>
Decision<NewEvent> changed_appointment(Change change) {
    AppointmentRecord record = appointment();
    change(record);
    return appointment_recorded(record, envelope(), kNow);
}

TEST(MessageRecord, YieldsOneEventInTheMessagesOwnStream) {
    const auto decision = message_recorded(message(), envelope());
    ASSERT_TRUE(decision.has_value());
    EXPECT_EQ(decision->type, EventType::message_recorded);
    EXPECT_EQ(decision->stream, "message/m-1");
    EXPECT_EQ(decision->platform, "roomies");
    EXPECT_EQ(decision->conversation, "c-1");
    EXPECT_EQ(decision->workspace, "north");
    EXPECT_EQ(decision->occurred_at_us, kNow);
    EXPECT_EQ(decision->recorded_by, "token:lease");
    const auto payload = decode_payload<fb::MessageRecorded>(decision->payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->message_id, "m-1");
    EXPECT_EQ(payload->conversation_id, "c-1");
    EXPECT_EQ(payload->direction, "outbound");
    EXPECT_EQ(payload->review_status, "draft");
    EXPECT_EQ(payload->sent_at, kNow - kMinute);
    EXPECT_EQ(payload->change_id, "change-7");
    EXPECT_EQ(payload->source, "/lease/api");
}

TEST(MessageRecord, TakesEveryDirectionAndStatus) {
    for (const std::string direction : {"inbound", "outbound"}) {
        for (const std::string status : {"new", "draft", "sent", "hold"}) {
            EXPECT_TRUE(changed_message([&](MessageRecord& r) {
                            r.direction = direction;
                            r.review_status = status;
                        }).has_value());
        }
    }
}

TEST(MessageRecord, RefusesNamingTheField) {
    expect_refused(changed_message([](auto& r) { r.message_id = ""; }), "invalid_id", "messageId");
    expect_refused(changed_message([](auto& r) { r.message_id = std::string(201, 'm'); }),
                   "invalid_id", "messageId");
    expect_refused(changed_message([](auto& r) { r.conversation_id = "c\n1"; }), "invalid_id",
                   "conversationId");
    expect_refused(changed_message([](auto& r) { r.platform = "\xFF"; }), "invalid_id", "platform");
    expect_refused(changed_message([](auto& r) { r.change_id = ""; }), "invalid_id", "id");
    expect_refused(changed_message([](auto& r) { r.direction = "Inbound"; }), "unknown_direction",
                   "direction");
    expect_refused(changed_message([](auto& r) { r.review_status = ""; }), "unknown_review_status",
                   "reviewStatus");
}

TEST(AppointmentRecord, YieldsOneEventInTheAppointmentsOwnStream) {
    const auto decision = appointment_recorded(appointment(), envelope(), kNow);
    ASSERT_TRUE(decision.has_value());
    EXPECT_EQ(decision->type, EventType::appointment_recorded);
    EXPECT_EQ(decision->stream, "appointment/a-1");
    EXPECT_EQ(decision->platform, "roomies");
    const auto payload = decode_payload<fb::AppointmentRecorded>(decision->payload);
    ASSERT_TRUE(payload.has_value());
    EXPECT_EQ(payload->appointment_id, "a-1");
    EXPECT_EQ(payload->status, "confirmed");
    EXPECT_EQ(payload->created_at, kNow);
    EXPECT_EQ(payload->starts_at, kNow + kMinute);
    EXPECT_EQ(payload->ends_at, kNow + 2 * kMinute);
    EXPECT_EQ(payload->change_id, "change-8");
    EXPECT_EQ(payload->source, "/lease/api");
}

TEST(AppointmentRecord, TakesEveryStatus) {
    for (const std::string status :
         {"pending", "confirmed", "reschedule_requested", "cancelled", "completed", "no_show"}) {
        EXPECT_TRUE(changed_appointment([&](auto& r) { r.status = status; }).has_value()) << status;
    }
}

TEST(AppointmentRecord, RefusesNamingTheField) {
    expect_refused(changed_appointment([](auto& r) { r.appointment_id = ""; }), "invalid_id",
                   "appointmentId");
    expect_refused(changed_appointment([](auto& r) { r.platform = ""; }), "invalid_id", "platform");
    expect_refused(changed_appointment([](auto& r) { r.status = "canceled"; }), "unknown_status",
                   "status");
    expect_refused(changed_appointment([](auto& r) { r.ends_at_us = r.starts_at_us; }),
                   "ends_before_start", "endsAt");
}

TEST(AppointmentRecord, MayBeCreatedAtMostFiveMinutesAhead) {
    EXPECT_TRUE(
        changed_appointment([](auto& r) { r.created_at_us = kNow + 5 * kMinute; }).has_value());
    const auto ahead =
        changed_appointment([](auto& r) { r.created_at_us = kNow + 5 * kMinute + 1; });
    expect_refused(ahead, "created_ahead", "createdAt");
    EXPECT_EQ(ahead.error().limit, 300);
}

}  // namespace decklog::domain::record_test
