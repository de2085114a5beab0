#include "domain/subject/subject.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "domain/check.hpp"
#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

static_assert(Decider<Subject>);

/// Fewer digits than this are a number like any other.
constexpr std::size_t kTellingDigitsMin = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string digits_of(std::string_view text) {
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
    return digits;
}

/// Without what people put between the digits of a phone number.
std::string closed_up(std::string_view text) {
    std::string closed(text);
    std::erase_if(closed, [](char c) {
        return std::string_view(" -.()/+").find(c) != std::string_view::npos;
    });
    return closed;
}

bool names(std::string_view reason, std::string_view native_id) {
    if (native_id.empty()) return false;
    if (reason.find(native_id) != std::string_view::npos) return true;
    const std::string digits = digits_of(native_id);
    const bool is_number = digits.size() >= kTellingDigitsMin && closed_up(native_id) == digits;
    return is_number && closed_up(reason).find(digits) != std::string::npos;
}

NewEvent erased(const EraseSubject& command) {
    DECKLOG_CHECK(!command.actor.type.empty() && !command.actor.id.empty() &&
                  !command.recorded_by.empty() && !command.subject.is_zero());
    fb::SubjectErasedT payload;
    payload.reason = command.reason;
    payload.keys_destroyed = command.keys_destroyed;
    payload.raw_bodies_deleted = command.raw_bodies_deleted;
    NewEvent event;
    event.type = EventType::subject_erased;
    event.workspace = command.workspace;
    event.stream = subject_stream(command.subject);
    event.occurred_at_us = command.now_us;
    event.actor = command.actor;
    event.recorded_by = command.recorded_by;
    event.platform = "decklog";
    event.trace_id = command.trace_id;
    event.subject = command.subject;
    event.payload = encode_payload(payload);
    return event;
}

}  // namespace

Subject::State Subject::evolve(State state, const EventView& event) {
    const TypeInfo* info = find_type(event.type());
    if (state == State::beyond_this_build || info == nullptr ||
        event.schema_version() > info->schema_version) {
        return State::beyond_this_build;
    }
    return info->type == EventType::subject_erased ? State::erased : state;
}

std::vector<StreamRef> Subject::reads(const Command& command) {
    return {StreamRef{command.workspace, subject_stream(command.subject)}};
}

Decision<Events> Subject::decide(const Command& command, State state) {
    if (auto refusal = refusal_of_reason(command.reason, {}))
        return tl::unexpected(std::move(*refusal));
    switch (state) {
        case State::present:
            return Events{erased(command)};
        case State::erased:
            return Events{};
        case State::beyond_this_build:
            break;
    }
    return reject("newer_build", "a newer release wrote about this subject; use that release");
}

std::string subject_stream(const SubjectId& subject) { return "subject/" + to_text(subject); }

std::optional<Rejection> refusal_of_reason(std::string_view reason, std::string_view native_id) {
    const bool is_text = std::none_of(reason.begin(), reason.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (reason.empty() || reason.size() > limits::kReasonBytesMax || !is_text || !is_utf8(reason)) {
        return Rejection{"invalid_reason",
                         "a reason is 1-500 bytes of UTF-8 without control characters", "reason",
                         static_cast<std::int64_t>(limits::kReasonBytesMax)};
    }
    if (names(reason, native_id)) {
        return Rejection{"native_id_in_reason",
                         "the reason is kept for ever; it must not say who the person is", "reason",
                         std::nullopt};
    }
    return std::nullopt;
}

Intent erase_subject(EraseSubject command) {
    StreamRef home{command.workspace, subject_stream(command.subject)};
    return intent<Subject>("erase_subject", std::move(home), std::move(command));
}

}  // namespace decklog::domain
