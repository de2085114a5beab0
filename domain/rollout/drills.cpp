#include "domain/rollout/drills.hpp"

#include <algorithm>
#include <array>

#include "domain/payload.hpp"
#include "domain/rollout/deciding.hpp"
#include "domain/rollout/limits.hpp"
#include "domain/rollout/standing.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

constexpr std::array<std::string_view, 2> kKinds{"rollout", "rollback"};
constexpr int kExitCodeMax = 255;

using MaybeRejection = std::optional<Rejection>;

bool is_text(std::string_view text, std::size_t bytes_max) {
    return text.size() <= bytes_max && is_utf8(text);
}

const Rollout::Run* run_named(const Rollout::State& state, std::string_view name) {
    const auto found = std::find_if(state.runs.begin(), state.runs.end(),
                                    [name](const Rollout::Run& run) { return run.name == name; });
    return found == state.runs.end() ? nullptr : &*found;
}

MaybeRejection refusal_of_times(std::int64_t started_at_us, std::int64_t ended_at_us) {
    if (ended_at_us >= started_at_us) return std::nullopt;
    return Rejection{"invalid_time", "it ended before it started", "endedAt", {}};
}

MaybeRejection refusal_of_words(const std::vector<std::string>& words) {
    if (words.empty() || words.size() > limits::kCommandWordsMax) {
        return Rejection{"invalid_words", "a command is 1 to 100 words", "words",
                         limits::kCommandWordsMax};
    }
    for (const std::string& word : words) {
        if (!is_text(word, limits::kCommandWordBytesMax)) {
            return Rejection{"invalid_words", "a word is at most 4096 bytes of UTF-8", "words",
                             limits::kCommandWordBytesMax};
        }
    }
    return std::nullopt;
}

MaybeRejection refusal_of_text(const char* code, const char* field, std::string_view text) {
    if (is_text(text, limits::kOutputBytesMax)) return std::nullopt;
    return Rejection{code, "at most 64 KiB of UTF-8; cut it", field, limits::kOutputBytesMax};
}

std::size_t bytes_of(const RecordCommandRan& command) {
    std::size_t bytes = command.output.size();
    for (const std::string& word : command.words) bytes += word.size();
    return bytes;
}

MaybeRejection refusal_of_place(const RecordCommandRan& command, const Rollout::Run* run) {
    if (command.number < 1 || command.number > limits::kRunCommandsMax) {
        return Rejection{"invalid_number", "a run has commands 1 to 1000", "number",
                         limits::kRunCommandsMax};
    }
    if (run != nullptr && run->has_drill)
        return Rejection{"run_finished", "a drill stands for this run; begin a new one", "run", {}};
    const std::uint32_t next = run == nullptr ? 1 : run->commands + 1;
    if (command.number != next) {
        return Rejection{"out_of_order",
                         "the next command of this run is number " + std::to_string(next), "number",
                         next};
    }
    const std::uint64_t held = run == nullptr ? 0 : run->bytes;
    if (held + bytes_of(command) <= limits::kRunBytesMax) return std::nullopt;
    return Rejection{"run_too_large", "a run holds 8 MiB of words and output; begin a new one",
                     "output", limits::kRunBytesMax};
}

MaybeRejection refusal_of(const RecordCommandRan& command, const Rollout::Run* run) {
    if (auto refusal = refusal_of_words(command.words)) return refusal;
    if (command.exit_code < 0 || command.exit_code > kExitCodeMax) {
        return Rejection{"invalid_exit_code", "an exit code is 0 to 255", "exitCode", kExitCodeMax};
    }
    if (auto refusal = refusal_of_text("invalid_output", "output", command.output)) return refusal;
    if (auto refusal = refusal_of_times(command.started_at_us, command.ended_at_us)) return refusal;
    return refusal_of_place(command, run);
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

MaybeRejection refusal_of_rollback(const RecordDrill& command) {
    if (command.kind != "rollback") return std::nullopt;
    if (command.revision.empty()) {
        return Rejection{
            "revision_needed", "a rollback goes to a chosen revision; name it", "revision", {}};
    }
    if (!command.passed || !is_blank(command.history)) return std::nullopt;
    return Rejection{
        "history_needed", "a rollback passes with the history it chose from", "history", {}};
}

MaybeRejection refusal_of_result(const RecordDrill& command, const Rollout::Run* run) {
    if (run == nullptr) {
        return Rejection{
            "no_commands", "no command of this run was recorded in this rollout", "run", {}};
    }
    if (run->has_drill)
        return Rejection{"run_finished", "a drill stands for this run; begin a new one", "run", {}};
    if (command.passed && run->has_failed) {
        return Rejection{"command_failed",
                         "a command of this run failed, so the drill did not pass",
                         "passed",
                         {}};
    }
    if (!command.passed && command.follow_up_owner.empty()) {
        return Rejection{
            "owner_needed", "a drill that failed names who follows up on it", "followUpOwner", {}};
    }
    return std::nullopt;
}

MaybeRejection refusal_of(const RecordDrill& command, const Rollout::Run* run) {
    if (std::find(kKinds.begin(), kKinds.end(), command.kind) == kKinds.end())
        return Rejection{"invalid_kind", "a drill is of a rollout or a rollback", "kind", {}};
    if (!command.follow_up_owner.empty() && !is_outside_id(command.follow_up_owner)) {
        return Rejection{"invalid_owner", "1-200 bytes of UTF-8 without control characters",
                         "followUpOwner", 200};
    }
    if (auto refusal = refusal_of_text("invalid_history", "history", command.history))
        return refusal;
    if (auto refusal = refusal_of_text("invalid_snapshot", "snapshot", command.snapshot))
        return refusal;
    if (auto refusal = refusal_of_times(command.started_at_us, command.ended_at_us)) return refusal;
    if (auto refusal = refusal_of_rollback(command)) return refusal;
    return refusal_of_result(command, run);
}

std::string_view view(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view() : std::string_view(text->c_str(), text->size());
}

Rollout::Run& run_in(Rollout::State& state, std::string_view name) {
    for (Rollout::Run& run : state.runs) {
        if (run.name == name) return run;
    }
    state.runs.emplace_back().name = name;
    return state.runs.back();
}

std::uint64_t bytes_of(const fb::RolloutCommandRan& ran) {
    std::uint64_t bytes = view(ran.output()).size();
    if (ran.words() == nullptr) return bytes;
    for (const auto* word : *ran.words()) bytes += word->size();
    return bytes;
}

}  // namespace

Decision<Events> decide_on(const RecordCommandRan& command, const Rollout::State& state) {
    if (!is_name(command.run)) return not_a_name("run");
    const Rollout::Run* run = run_named(state, command.run);
    if (auto refusal = refusal_of(command, run)) return tl::unexpected(*std::move(refusal));
    fb::RolloutCommandRanT payload;
    payload.run = command.run;
    payload.number = command.number;
    payload.words = command.words;
    payload.exit_code = command.exit_code;
    payload.output = command.output;
    payload.is_cut = command.is_cut;
    payload.started_at = command.started_at_us;
    payload.ended_at = command.ended_at_us;
    if (run != nullptr) {
        payload.verdict = run->verdict;
    } else if (const auto verdict = standing_verdict(state)) {
        payload.verdict = to_text(*verdict);  // what the commands were told
    }
    return Events{event_of(EventType::rollout_command_ran, command.order, encode_payload(payload))};
}

Decision<Events> decide_on(const RecordDrill& command, const Rollout::State& state) {
    if (!is_name(command.run)) return not_a_name("run");
    if (!is_name(command.environment)) return not_a_name("environment");
    if (!command.sha.empty() && !is_name(command.sha)) return not_a_name("sha");
    if (!command.revision.empty() && !is_name(command.revision)) return not_a_name("revision");
    if (auto refusal = refusal_of(command, run_named(state, command.run)))
        return tl::unexpected(*std::move(refusal));
    fb::DrillRecordedT payload;
    payload.run = command.run;
    payload.kind = command.kind;
    payload.environment = command.environment;
    payload.sha = command.sha.empty() ? state.release : command.sha;
    payload.passed = command.passed;
    payload.follow_up_owner = command.follow_up_owner;
    payload.history = command.history;
    payload.revision = command.revision;
    payload.snapshot = command.snapshot;
    payload.started_at = command.started_at_us;
    payload.ended_at = command.ended_at_us;
    return Events{event_of(EventType::drill_recorded, command.order, encode_payload(payload))};
}

bool on_command_ran(Rollout::State& state, const EventView& event) {
    const auto* ran = event.payload_as<fb::RolloutCommandRan>();
    if (ran == nullptr) return false;
    Rollout::Run& run = run_in(state, view(ran->run()));
    if (run.commands == 0) run.verdict = view(ran->verdict());
    ++run.commands;
    run.bytes += bytes_of(*ran);
    run.has_failed = run.has_failed || ran->exit_code() != 0;
    return true;
}

bool on_drill(Rollout::State& state, const EventView& event) {
    const auto* drill = event.payload_as<fb::DrillRecorded>();
    if (drill == nullptr) return false;
    run_in(state, view(drill->run())).has_drill = true;
    Rollout::Drill recorded;
    recorded.kind = view(drill->kind());
    recorded.passed = drill->passed();
    recorded.run = view(drill->run());
    recorded.environment = view(drill->environment());
    recorded.sha = view(drill->sha());
    recorded.follow_up_owner = view(drill->follow_up_owner());
    recorded.recorded_at_us = event.recorded_at_us();
    state.drills.push_back(std::move(recorded));
    return true;
}

std::vector<std::string> passed_drills(const Rollout::State& state) {
    std::vector<std::string> passed;
    for (const std::string_view kind : kKinds) {
        const auto last = std::find_if(state.drills.rbegin(), state.drills.rend(),
                                       [&](const Rollout::Drill& drill) {
                                           return drill.kind == kind && drill.sha == state.release;
                                       });
        if (last != state.drills.rend() && last->passed) passed.emplace_back(kind);
    }
    return passed;
}

}  // namespace decklog::domain
