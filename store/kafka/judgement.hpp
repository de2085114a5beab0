// The rule that every node applies to every record, in log order (design §7). What it says depends
// on the records before alone, so all nodes accept the same ones; that, and nothing that a broker
// or a clock does, is what keeps a writer that lost its partition from harm. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "store/kafka/record.hpp"

namespace decklog::store::kafka {

/// The writing spell that an announce begins.
struct Epoch {
    std::int64_t offset = kNoEpoch;  // of its announce
    Nonce nonce{};
    std::uint64_t next_seq = 0;
    bool is_broken = false;  // a record of it is missing: none after it counts
};

enum class Verdict : std::uint8_t {
    announced,  // a new live epoch
    accepted,   // a commit or a barrier: the next one of the live epoch
    dropped,
    gap,       // dropped, and breaks the live epoch
    diverged,  // this node and the writer have different histories: stop
};

struct Judgement {
    Verdict verdict = Verdict::dropped;
    std::string_view reason;  // for operators
};

/// `live`: nullopt before the first announce. `head`: where this node's log ends. `is_known`: an
/// announce with this nonce was applied before.
[[nodiscard]] Judgement judge(const std::optional<Epoch>& live, const Head& head,
                              const RecordHeader& record, bool is_known);

/// The live epoch after a record with this verdict, at this offset.
[[nodiscard]] std::optional<Epoch> follow(const std::optional<Epoch>& live, Verdict verdict,
                                          const RecordHeader& record, std::int64_t offset);

}  // namespace decklog::store::kafka
