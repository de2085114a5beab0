// Whose log this is, as an aggregate over the stream `ledger/{partition}`: the id that
// LedgerCreated gave it, the id that each LedgerForked gave it after a restore, an import or a
// copy, and whether an operator has adopted it since. A forked ledger may not be the only one of
// its history, so what only one of them may do (sending, running clocks) is held until
// LedgerAdopted. A moved one goes on elsewhere: nothing comes behind LedgerMoved but LedgerForked,
// by which the copy goes on under an id of its own, or this one after all.
//
// A frame bears the id of the ledger that wrote it: LedgerCreated and LedgerForked themselves stand
// in frames that already bear the id they give.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "domain/decider.hpp"

namespace decklog::domain {

/// Who gave the command, when and as part of which request.
struct LedgerOrder {
    std::uint32_t partition = 0;
    Actor actor{};  // operator, or system for what restore does by itself
    std::string recorded_by{};
    std::int64_t now_us = 0;
    TraceId trace_id{};
};

struct ForkLedger {
    LedgerOrder order{};
    LedgerId new_id{};     // random; must differ from the old one where cursors show it
    std::string reason{};  // restore, import, copy
};

struct AdoptLedger {
    LedgerOrder order{};
    std::uint64_t since_ordinal = 0;  // deliveries begun before it are ambiguous; 0: none
};

/// Where a ledger goes on.
struct MoveTarget {
    std::string kind;  // topic, directory
    std::string name;  // 1 to 249 bytes
    bool operator==(const MoveTarget&) const = default;
};

struct MoveLedger {
    LedgerOrder order{};
    MoveTarget to{};
};

struct Lineage {
    struct State {
        std::optional<LedgerId> id{};       // nullopt: the ledger was never created
        bool held = false;                  // forked, and not adopted since
        std::optional<MoveTarget> moved{};  // and not forked since
        bool is_beyond_build = false;       // the stream holds an event of a newer build
    };
    using Command = std::variant<ForkLedger, AdoptLedger, MoveLedger>;

    static State initial() { return {}; }
    static State evolve(State state, const EventView& event);
    static std::vector<StreamRef> reads(const Command& command);
    /// Rejections on forking: no_ledger, same_ledger (ledgerId), unknown_reason (reason). On
    /// adopting: no_ledger; a ledger that is not held is accepted with nothing to do. On moving:
    /// move_target (kind, name), moved_elsewhere; one that was moved there is accepted with nothing
    /// to do. On all: newer_build.
    static Decision<Events> decide(const Command& command, const State& state);
};

[[nodiscard]] Intent fork_ledger(ForkLedger command);
[[nodiscard]] Intent adopt_ledger(AdoptLedger command);
[[nodiscard]] Intent move_ledger(MoveLedger command);

/// The stream of a partition's own events, in the workspace `default`.
[[nodiscard]] std::string ledger_stream(std::uint32_t partition);

struct Fork {
    LedgerId from, to;
    std::string reason;
};
/// nullopt: no LedgerForked, or one whose bytes do not check.
[[nodiscard]] std::optional<Fork> fork_of(const EventView& event);
/// nullopt: no LedgerMoved, or one whose bytes do not check.
[[nodiscard]] std::optional<MoveTarget> move_of(const EventView& event);
/// The id that LedgerCreated gave; nullopt: no LedgerCreated, or one whose bytes do not check.
[[nodiscard]] std::optional<LedgerId> created_id_of(const EventView& event);

}  // namespace decklog::domain
