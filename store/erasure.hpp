// Forgetting a person, for whoever has the ledger and its vault: the route behind `decklog erase`,
// and `restore`, which applies the list beside the backups. Order, so that a crash at any point is
// made good by calling again or by the next start:
//
//   1. the log is read once for what the subject's events point to, with nobody held up;
//   2. the vault holds the subject: nobody is given it any more, and who was at work for it is done
//      (so nothing is sealed under a key that goes, and nothing escapes the erasure);
//   3. what came meanwhile is read; SubjectErased is committed, and in its batch the raw bodies go;
//   4. the keys and the index entry are destroyed; the hold ends; the person's next message begins
//      a new subject;
//   5. the subject is listed beside the backups, then keys and bodies leave the files, by force;
//   6. the vault notes how far in the log all this is done.
//
// finish_erasures does 4 to 6 for every SubjectErased that a crash, or an older vault brought back,
// left undone. Any thread; blocks, in step 1 for as long as the log is long.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::store {

/// Who orders it, why, and under which key it may come again.
struct ErasureOrder {
    std::string workspace = "default";
    domain::Actor actor{"system", "decklog"};
    std::string recorded_by = "decklog";
    std::string reason;  // checked by domain::refusal_of_reason with the native id
    std::int64_t now_us = 0;
    domain::TraceId trace_id{};
    std::optional<domain::CommandKey> key{};
    domain::RequestHash request_hash{};
};

/// One erasure as the log has it.
struct LoggedErasure {
    domain::SubjectId subject;
    domain::Position position;
    std::int64_t recorded_at_us = 0;
    std::string reason;
};

struct ErasureHooks {
    /// done, total: ordinals of the log.
    std::function<void(std::uint64_t, std::uint64_t)> progress{};
    /// Lists them beside every known backup, durably; called again for what was listed already.
    std::function<domain::Result<void>(const std::vector<LoggedErasure>&)> list{};
    std::atomic<bool>* cancelled = nullptr;  // ends the cleaning of files, which a later call does
};

/// What an erasure takes away.
struct Footprint {
    std::uint64_t events = 0;  // of the subject
    std::uint64_t streams = 0;
    std::size_t keys = 0;
    std::vector<domain::RawRef> raw;  // that still stand
    bool erased = false;              // there is a SubjectErased
    /// Neither the log nor the vault has heard of it.
    [[nodiscard]] bool is_nobody() const { return events == 0 && keys == 0 && !erased; }
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
/// it says retryable, SubjectErased may be committed and the rest is done by the next call. With a
/// vault that is missing (Vault::missing) only the log and the raw bodies are seen to; a vault that
/// comes back later is erased when it is opened.
using ErasureAnswer = tl::expected<ErasureDone, Refusal>;
[[nodiscard]] domain::Result<ErasureAnswer> erase_subject(Ledger& ledger, Vault& vault,
                                                          const domain::SubjectId& subject,
                                                          const ErasureOrder& order,
                                                          const ErasureHooks& hooks);

/// Every erasure that the log has, in its order.
[[nodiscard]] domain::Result<std::vector<LoggedErasure>> logged_erasures(const LogReader& ledger);

/// Destroys the keys of every SubjectErased that the vault has not noted as finished. Quick; to be
/// called before anything is sealed or opened. Returns them; empty: nothing is left to do.
[[nodiscard]] domain::Result<std::vector<LoggedErasure>> destroy_erased_keys(
    const LogReader& ledger, Vault& vault);
/// The rest for what destroy_erased_keys returned: lists them, cleans the files, notes it.
[[nodiscard]] domain::Result<void> finish_erasures(Ledger& ledger, Vault& vault,
                                                   const std::vector<LoggedErasure>& erasures,
                                                   const ErasureHooks& hooks);

}  // namespace decklog::store
