// Forgetting a person, for whoever has the ledger and its vault: the route behind `decklog erase`,
// and `restore`, which applies the list beside the backups. Order, so that a crash at any point is
// made good by calling again or by the next start:
//
//   1. every partition is read once for what the subject's events point to and for raw bodies that
//      name it (store/erasure/footprint.hpp), with nobody held up, until next to nothing is left to
//      read;
//   2. the vault holds the subject: nobody is given it any more, and who was at work for it is done
//      (so nothing is sealed under a key that goes, and nothing escapes the erasure);
//   3. what came meanwhile is read; SubjectErased is committed, and in its batch the raw bodies go
//      (what came in before it and still names the person goes in a second one). Bodies go in a
//      commit of their own partition: a SubjectErased on the stream of the workspace they came to,
//      first in each of the other partitions, last in partition 0, whose SubjectErased says that
//      the person is erased;
//   4. the keys and the index entry are destroyed; the hold ends; the person's next message begins
//      a new subject;
//   5. the subject is listed beside the backups, then keys and bodies leave the files, by force;
//   6. the vault notes how far in the log all this is done.
//
// destroy_erased_keys does the end of 3 and 4, and finish_erasures 5 and 6, for every SubjectErased
// that a crash, or an older vault brought back, left undone. Several people are erased in one pass:
// step 1 is made once for all of them, 5 and 6 too. Any thread; blocks, in step 1 for as long as
// the log is long.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "domain/result.hpp"
#include "store/erasure/footprint.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::store {

/// One erasure as the log has it.
struct LoggedErasure {
    domain::SubjectId subject;
    domain::Position position;
    std::int64_t recorded_at_us = 0;
    std::string reason;
};

/// `cancelled` also ends the cleaning of files, which a later call does.
struct ErasureHooks : SearchHooks {
    /// Lists them beside every known backup, durably; called again for what was listed already.
    std::function<domain::Result<void>(const std::vector<LoggedErasure>&)> list{};
    /// Erasures before this ordinal have left the files: kept by the caller from call to call, so
    /// that an erasure that cannot be listed does not have them rewritten again and again. May be
    /// null.
    std::atomic<std::uint64_t>* cleaned_to = nullptr;
};

/// For a dry run: changes nothing.
[[nodiscard]] domain::Result<Footprint> footprint_of(const LogReader& ledger, const Vault& vault,
                                                     const domain::SubjectId& subject,
                                                     const ErasureHooks& hooks);

/// `accepted`: erased now. `noted`: was erased before, nothing new. `repeated`: the key was.
struct ErasureDone {
    Receipt receipt;
    Footprint taken;
};
/// A refusal of the ledger, or not_found: nobody by this subject id. Errors: what went wrong; when
/// it says retryable, SubjectErased may be committed and the rest is done by the next call; that
/// another node writes a partition that holds bodies is one, which names the partition. With a
/// vault that is missing (Vault::missing) only the log and the raw bodies are seen to; a vault that
/// comes back later is erased when it is opened.
using ErasureAnswer = tl::expected<ErasureDone, Refusal>;
[[nodiscard]] domain::Result<ErasureAnswer> erase_subject(Ledger& ledger, Vault& vault,
                                                          const domain::SubjectId& subject,
                                                          const ErasureOrder& order,
                                                          const ErasureHooks& hooks);

/// Commits, in the partition where they stand, that these bodies go: SubjectErased on the stream of
/// the subject in their workspace. Waits until that is durable. Any thread but a writer's.
[[nodiscard]] Answer take_bodies(Ledger& ledger, const BodiesToTake& bodies);

/// What the writer of another partition than 0 had still taken in under subjects that were erased,
/// while word of it was on its way: to be called by whoever writes `partition`, once their keys are
/// gone. Reads of the partition what was recorded from shortly before each of the erasures on; what
/// it takes leaves this node's files, too.
/// Errors: io (retryable), corrupt, stopped.
[[nodiscard]] domain::Result<void> take_bodies_that_came_late(
    Ledger& ledger, const Vault& vault, std::uint32_t partition,
    std::span<const LoggedErasure> erasures, const SearchHooks& hooks);

/// Several at once; the answers in their order. What an error leaves undone is done by the next
/// call for any of them.
struct ErasureTarget {
    domain::SubjectId subject;
    ErasureOrder order;
};
[[nodiscard]] domain::Result<std::vector<ErasureAnswer>> erase_subjects(
    Ledger& ledger, Vault& vault, std::span<const ErasureTarget> targets,
    const ErasureHooks& hooks);

/// Every erasure that the log has, in its order: those of partition 0, which say that all is done.
[[nodiscard]] domain::Result<std::vector<LoggedErasure>> logged_erasures(const LogReader& ledger);

/// Those that the vault has not noted as finished.
[[nodiscard]] domain::Result<std::vector<LoggedErasure>> unfinished_erasures(
    const LogReader& ledger, const Vault& vault);

/// Destroys the keys of every SubjectErased that the vault has not noted as finished, after the raw
/// bodies that came right before it, in any partition, and that a crash left (step 3). To be called
/// before anything is
/// sealed or opened. Quick: of the log it reads a bounded stretch before each whose keys still
/// stand. Returns them; empty: nothing is left to do. Errors: io (retryable: the ledger took
/// nothing, the keys still stand), corrupt, stopped.
[[nodiscard]] domain::Result<std::vector<LoggedErasure>> destroy_erased_keys(
    Ledger& ledger, Vault& vault, const SearchHooks& hooks);
/// The rest for what destroy_erased_keys returned: lists them, cleans the files, notes it.
[[nodiscard]] domain::Result<void> finish_erasures(Ledger& ledger, Vault& vault,
                                                   const std::vector<LoggedErasure>& erasures,
                                                   const ErasureHooks& hooks);

}  // namespace decklog::store
