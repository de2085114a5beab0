// The vault: who a random subject id stands for (through a keyed hash only), one key per subject,
// one key per day for raw bodies, and the keyed hashes of the ledger. Its own database, mode 0600,
// never part of the log. Sealing is XChaCha20-Poly1305; a sealed part names its key: algorithm 1,
// key id 16, nonce 24, ciphertext and tag 16 (design §4). Folds never call this; only edges do.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/event.hpp"
#include "domain/ids.hpp"
#include "domain/result.hpp"

namespace decklog::store {

/// A person (or one-to-one chat counterpart) as a platform names it. `kind` separates name spaces:
/// "person" for chat people, "conversation" and "entity" for the subjects of services' audit
/// actions.
struct NativeSubject {
    std::string kind = "person";
    std::string platform;  // or the service's name space
    std::string native_id;
    auto operator<=>(const NativeSubject&) const = default;
};

/// Subjects that somebody is at work for. Keep it until what was sealed for them is answered by the
/// ledger: an erasure waits for that, so that nothing is committed under a destroyed key.
struct Subjects {
    std::vector<domain::SubjectId> ids;
    std::shared_ptr<const void> in_use;

    [[nodiscard]] std::size_t size() const { return ids.size(); }
    [[nodiscard]] const domain::SubjectId& operator[](std::size_t i) const { return ids[i]; }
    [[nodiscard]] const domain::SubjectId& front() const { return ids.front(); }
};

/// A subject that nobody is at work for and that nobody is given, for as long as this lives; there
/// is one at a time. Whoever asks for the person meanwhile waits. Stays on one thread.
class SubjectHold {
  public:
    virtual ~SubjectHold() = default;
    /// Keys that exist; 0: destroyed, or never of this vault.
    [[nodiscard]] virtual std::size_t keys() const = 0;
    /// Destroys its keys and its index entry, durably; the person's next message begins a new
    /// subject. What is left in the files goes with Vault::purge.
    [[nodiscard]] virtual domain::Result<void> destroy() = 0;
};

struct Erased {};
using Opened = std::variant<domain::Bytes, Erased>;

/// Separates the keyed hashes of different purposes.
enum class HashPurpose : std::uint8_t {
    command_key = 1,
    request = 2,
    room = 3,
    message = 4,
    raw_body = 5,
    token = 6,
    unrecognised = 7,
    stream = 8
};

class Vault {
  public:
    virtual ~Vault() = default;

    /// The ledger's vault is not here: open and find_subject answer not_found, creating and sealing
    /// fail, and the keyed hashes match nothing that was hashed before (so no token is accepted).
    [[nodiscard]] virtual bool missing() const { return false; }

    /// A write failed: nothing new is written before a restart; what is there opens and seals.
    [[nodiscard]] virtual bool failed() const { return false; }

    /// Ties the vault to its ledger, durably, the first time. Error afterwards: corrupt, when it is
    /// another ledger: with a stranger's keys everything sealed would read as erased, every repeat
    /// as new. A vault of one of the ledgers that this one was forked from is its own and is tied
    /// to the new name.
    [[nodiscard]] virtual domain::Result<void> bind(
        const domain::LedgerId& /*ledger*/, std::span<const domain::LedgerId> /*ancestors*/) {
        return {};
    }
    [[nodiscard]] domain::Result<void> bind(const domain::LedgerId& ledger) {
        return bind(ledger, {});
    }

    /// The subjects, created where new; all keys are durable (one fsync for all new ones) before
    /// this returns.
    [[nodiscard]] virtual domain::Result<Subjects> subjects_for(
        std::span<const NativeSubject> natives) = 0;
    /// The same, but makes nobody new: nullopt when one of them is not known (any more). Waits for
    /// an erasure at work on one of them, so that a yes stays one for as long as `in_use` is kept,
    /// where find_subject may name somebody whom an erasure forgets right after it. Errors: io
    /// (retryable: the erasure lasts too long), not_found (the vault is missing).
    [[nodiscard]] virtual domain::Result<std::optional<Subjects>> known_subjects(
        std::span<const NativeSubject> natives) = 0;
    /// No creation: for filters.
    [[nodiscard]] virtual domain::Result<std::optional<domain::SubjectId>> find_subject(
        const NativeSubject& native) const = 0;

    /// Seals with the subject's key.
    [[nodiscard]] virtual domain::Result<domain::Bytes> seal(
        const domain::SubjectId& subject, std::span<const std::uint8_t> plain) = 0;
    /// Erased when the key no longer exists; corrupt when the bytes do not authenticate.
    [[nodiscard]] virtual domain::Result<Opened> open(
        std::span<const std::uint8_t> sealed) const = 0;

    /// Raw bodies: zstd, then sealed with the key of `day` (created durable when new).
    [[nodiscard]] virtual domain::Result<domain::Bytes> seal_raw(
        std::uint32_t day, std::span<const std::uint8_t> plain) = 0;
    [[nodiscard]] virtual domain::Result<Opened> open_raw(
        std::span<const std::uint8_t> sealed) const = 0;

    /// Every row of the vault, keys and all, as it is at one moment of the call: for its copy
    /// beside a backup, and for nothing else. Error: not_found where the vault is missing.
    using RowSink = std::function<bool(std::string_view key, std::string_view value)>;
    [[nodiscard]] virtual domain::Result<void> read_rows(const RowSink& /*sink*/) const {
        return domain::fail(domain::ErrorCode::invalid_argument, "this vault has no copy");
    }

    // ---- forgetting

    /// Waits up to `patience` for whoever is at work for the subject. A subject that is not here
    /// can be held too. Errors: io (retryable: somebody is still at work, or another hold lives).
    [[nodiscard]] virtual domain::Result<std::unique_ptr<SubjectHold>> hold(
        const domain::SubjectId& subject, std::chrono::milliseconds patience) = 0;
    [[nodiscard]] virtual domain::Result<std::size_t> count_keys(
        const domain::SubjectId& subject) const = 0;
    /// Destroys the keys of raw bodies of the days before `day`, durably; how many.
    [[nodiscard]] virtual domain::Result<std::size_t> destroy_raw_keys(std::uint32_t day) = 0;
    /// Makes destroyed keys unreadable in the files too (a deleted key stays readable in RocksDB
    /// until a bottommost compaction). Errors: io (retryable), stopped (`cancelled` was set; may be
    /// null).
    [[nodiscard]] virtual domain::Result<void> purge(std::atomic<bool>* cancelled) = 0;
    /// Erasures in the log before this ordinal are finished here, down to the files.
    [[nodiscard]] virtual domain::Result<std::uint64_t> erasures_finished() const = 0;
    [[nodiscard]] virtual domain::Result<void> note_erasures_finished(std::uint64_t ordinal) = 0;

    /// BLAKE2b keyed by the vault, of purpose and parts (each part length-prefixed).
    [[nodiscard]] virtual domain::Bytes16 keyed_hash(
        HashPurpose purpose, std::span<const std::string_view> parts) const = 0;
    [[nodiscard]] virtual domain::Bytes32 keyed_hash32(
        HashPurpose purpose, std::span<const std::string_view> parts) const = 0;
};

/// Command key = keyed hash of workspace, source and id.
[[nodiscard]] domain::CommandKey command_key(const Vault& vault, std::string_view workspace,
                                             std::string_view source, std::string_view id);
/// Request hash = keyed hash of command type, target, expected version and the item's canonical
/// plaintext.
[[nodiscard]] domain::RequestHash request_hash(const Vault& vault, std::string_view command,
                                               std::string_view target, std::string_view expected,
                                               std::string_view canonical_json);

}  // namespace decklog::store
