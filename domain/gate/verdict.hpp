// The four answers of a gate, and why. The words are part of the API and of the log: they stay.
#pragma once

#include <cstdint>
#include <string_view>

namespace decklog::domain::gate {

enum class Verdict : std::uint8_t { promote, proceed, hold, rollback };  // proceed: "continue"

enum class Reason : std::uint8_t {
    none,
    // rollback
    gate_failed,        // a hard gate is red; the subject is its name, the cause its position
    missing_platforms,  // required ones; the subject names them
    regression,         // a stream is worse; the subject is the stream
    canary_silent,      // the canary attempts nothing while its baseline does
    // hold
    share_mismatch,   // the canary gets fewer units than planned
    burn_rate,        // after full: errors eat the budget too fast
    horizon_reached,  // not decided in the planned checks; people decide, then a new watch begins
    // promote
    not_worse,       // every required stream is proven
    exposure_met,    // shadow saw enough
    watch_complete,  // full stood its time
    // continue: what is still missing
    no_data,                // a required stream attempted nothing
    no_baseline,            // nothing to compare a required stream with
    gap,                    // too much of a required stream is missing or late
    not_proven,             // the evidence is not there yet
    awaiting_exposure,      // shadow
    awaiting_time,          // full
    awaiting_confirmation,  // proven, but not in enough checks in a row
    awaiting_gates,  // a required gate is missing, older than the stage or of another release
    // hold again
    drill_missing,  // everything is proven, but no required drill of this release passed
};

/// `promote`, `continue`, `hold`, `rollback`.
[[nodiscard]] std::string_view to_text(Verdict verdict);
[[nodiscard]] std::string_view to_text(Reason reason);

/// What it means, as the end of a sentence for people.
[[nodiscard]] std::string_view meaning_of(Reason reason);

}  // namespace decklog::domain::gate
