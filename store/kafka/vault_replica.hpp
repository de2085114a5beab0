// The vault's rows as a node makes them of the vault's topic, in a local copy. No thread, no
// broker, no clock in here.
//
// Every node comes to the same rows, whether it read all records or only those that compaction left
// it. Plain rows: the newest record of a key says what stands. A row that is claimed (the master
// key, an index entry): the earliest claim that is not erased stands, and the later ones are kept
// beside it, in a row of the node's own; so whoever read only the later claim, because the earlier
// one was erased and is gone, and whoever saw both, agree that it stands now. That one then is a
// subject like any other; as a rule nobody gets to see it, since whoever erases a row erases all
// claims on it that it knows.
//
// Rows of the node's own, which the topic knows nothing of:
//
//   E             -> the erasures that are finished here, down to this node's files
//   T             -> VaultState (transport.fbs)
//   C | row key   -> length 1, value ...: later claims on a row, in order; where there are any
#pragma once

#include <map>
#include <vector>

#include "store/kafka/vault_seal.hpp"
#include "store/kafka/vault_state.hpp"

namespace decklog::store::kafka {

/// Not of the topic.
[[nodiscard]] bool is_own_row(std::string_view row_key);

class VaultReplica {
  public:
    /// Where the local copy says this node stands. Both outlive the replica. Errors: corrupt;
    /// invalid_argument (made under another vault key, or by something else than a topic); io.
    [[nodiscard]] static domain::Result<VaultReplica> recover(VaultRows& local,
                                                              const VaultSeal& seal);

    struct Applied {
        std::vector<std::string> row_keys;    // that changed
        std::optional<domain::Error> failed;  // at the record behind the last one that was applied
    };
    /// Takes the next records; what was applied is durable when it returns. Fails with corrupt,
    /// other_format, io; invalid_argument: the topic was begun under another vault key.
    [[nodiscard]] Applied apply(std::span<const Fetched> records);

    /// A row of the topic to be erased, and the claims on it.
    struct Gone {
        std::string row_key, row_value;  // the value counts for a claim
    };
    /// What has to be erased for this row to be gone: all claims on it, and of the later ones the
    /// rows that belong to them. Any thread.
    [[nodiscard]] domain::Result<std::vector<Gone>> all_of(const std::string& row_key) const;

    /// This node knows, at this moment, all that the topic says. Errors: io.
    [[nodiscard]] domain::Result<void> note_seen(std::int64_t now_us);
    /// It was away for so long that it may have missed that rows were erased: the topic keeps the
    /// word of it for a limited time.
    [[nodiscard]] bool was_away(std::int64_t now_us) const;
    /// Forgets all rows of the topic, to read it from its beginning. Errors: io.
    [[nodiscard]] domain::Result<void> begin_again();

    [[nodiscard]] const VaultState& state() const { return state_; }

  private:
    VaultReplica(VaultRows& local, const VaultSeal& seal) : local_(&local), seal_(&seal) {}
    [[nodiscard]] domain::Result<void> take(const Fetched& record);
    [[nodiscard]] domain::Result<void> take_claim(const VaultChange& change);
    /// As the batch at hand has it, or the local copy.
    [[nodiscard]] domain::Result<std::optional<std::string>> row(const std::string& key) const;
    [[nodiscard]] domain::Result<void> write_changes();

    VaultRows* local_;
    const VaultSeal* seal_;
    VaultState state_;
    std::map<std::string, std::optional<std::string>> changes_;  // of the batch at hand
};

}  // namespace decklog::store::kafka
