// A person as the log knows them: a random id, and whether it was erased. One stream a subject. The
// event says that it happened and why; destroying the keys is the shell's work, after the commit
// (store/erasure.hpp). Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/decider.hpp"

namespace decklog::domain {

struct EraseSubject {
    std::string workspace = "default";
    Actor actor{};              // who ordered it
    std::string recorded_by{};  // authenticated principal
    std::int64_t now_us = 0;
    TraceId trace_id{};
    SubjectId subject{};
    std::string reason{};
    std::uint32_t keys_destroyed = 0;      // that exist now and go with this
    std::uint32_t raw_bodies_deleted = 0;  // that stand now and go in the same batch
};

struct Subject {
    enum class State : std::uint8_t {
        present,
        erased,
        beyond_this_build,  // its stream holds an event that only a newer build understands
    };
    using Command = EraseSubject;

    static State initial() { return State::present; }
    static State evolve(State state, const EventView& event);
    static std::vector<StreamRef> reads(const Command& command);
    /// Rejections: those of refusal_of_reason; newer_build. An erased subject is accepted with
    /// nothing to do.
    static Decision<Events> decide(const Command& command, State state);
};

/// `subject/p_…`
[[nodiscard]] std::string subject_stream(const SubjectId& subject);

/// Why a reason may not stand in the log for ever: invalid_reason (1-500 bytes of UTF-8 without
/// control characters; limit 500), native_id_in_reason (it says who the person is; also with other
/// punctuation between the digits of a number). `native_id` may be empty: not known.
[[nodiscard]] std::optional<Rejection> refusal_of_reason(std::string_view reason,
                                                         std::string_view native_id);

[[nodiscard]] Intent erase_subject(EraseSubject command);

}  // namespace decklog::domain
