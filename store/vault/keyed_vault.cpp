#include "store/vault/keyed_vault.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

#include "domain/check.hpp"
#include "store/rocks_ledger.hpp"
#include "store/vault/compress.hpp"
#include "store/vault/keyring.hpp"

namespace decklog::store {
namespace {

// Some tens of megabytes at most, enough for everyone who spoke lately.
constexpr std::size_t kCacheEntriesMax = 65'536;

// How far back days of raw bodies are looked for: ten years.
constexpr std::uint32_t kRawDaysBackMax = 3'653;

// Purposes of the vault's own hashes, apart from every HashPurpose.
constexpr std::uint8_t kSubjectIndex = 64;
constexpr std::uint8_t kRawDayIndex = 65;

using Parts = std::span<const std::string_view>;

void update(crypto_generichash_state& state, const void* data, std::size_t size) {
    ::crypto_generichash_update(&state, static_cast<const unsigned char*>(data), size);
}

/// BLAKE2b keyed by the vault. The purpose comes first and every part after its length, so no two
/// lists of parts run together. Output lengths are part of BLAKE2b's parameters: the short hash is
/// no prefix of the long one.
template <class Output>
Output hash_parts(const SecretKey& master, std::uint8_t purpose, Parts parts) {
    crypto_generichash_state state;
    Output output{};
    ::crypto_generichash_init(&state, master.bytes().data(), master.bytes().size(), output.size());
    update(state, &purpose, sizeof purpose);
    for (const std::string_view part : parts) {
        std::uint8_t length[8];
        for (unsigned i = 0; i < sizeof length; ++i) {
            length[i] = static_cast<std::uint8_t>(std::uint64_t{part.size()} >> (8U * i));
        }
        update(state, length, sizeof length);
        update(state, part.data(), part.size());
    }
    ::crypto_generichash_final(&state, output.data(), output.size());
    ::sodium_memzero(&state, sizeof state);
    return output;
}

class KeyedVault final : public Vault {
  public:
    KeyedVault(std::unique_ptr<VaultRows> rows, const SecretKey& master, Random& random,
               bool missing)
        : rows_(std::move(rows)),
          master_(master),
          random_(random),
          missing_(missing),
          keyring_(std::make_unique<Keyring>(*rows_, random, kCacheEntriesMax)) {
        // libsodium chooses its code for this processor once, before anything is hashed or sealed.
        DECKLOG_CHECK(::sodium_init() >= 0);
    }

    [[nodiscard]] bool missing() const override { return missing_; }
    [[nodiscard]] bool failed() const override { return rows_->failed(); }

    using Vault::bind;
    [[nodiscard]] domain::Result<void> bind(const domain::LedgerId& ledger,
                                            std::span<const domain::LedgerId> ancestors) override {
        if (missing_) return {};
        const VaultRow mine{ledger_row_key(), encode_ledger(ledger)};
        const auto row = rows_->get(mine.key);
        if (!row) return tl::unexpected(row.error());
        if (!*row) return rows_->put(std::span(&mine, 1));
        if (**row == mine.value) return {};
        const bool is_inherited =
            std::any_of(ancestors.begin(), ancestors.end(),
                        [&row](const auto& ancestor) { return encode_ledger(ancestor) == **row; });
        if (is_inherited) return rows_->put(std::span(&mine, 1));
        return domain::fail(domain::ErrorCode::corrupt,
                            "vault/ belongs to another ledger: bring back the one of this ledger, "
                            "or begin anew in an empty directory");
    }

    [[nodiscard]] domain::Result<Subjects> subjects_for(
        std::span<const NativeSubject> natives) override {
        auto owners = keyring_->owners_for(OwnerKind::subject, indexes_of(natives));
        if (!owners) return tl::unexpected(std::move(owners).error());
        return Subjects{std::move(owners->ids), std::move(owners->in_use)};
    }

    [[nodiscard]] domain::Result<std::optional<Subjects>> known_subjects(
        std::span<const NativeSubject> natives) override {
        if (natives.empty()) return Subjects{};
        auto owners = keyring_->known_owners(indexes_of(natives));
        if (!owners) return tl::unexpected(std::move(owners).error());
        if (!*owners) return std::nullopt;
        return Subjects{std::move((*owners)->ids), std::move((*owners)->in_use)};
    }

    [[nodiscard]] domain::Result<std::optional<domain::SubjectId>> find_subject(
        const NativeSubject& native) const override {
        return keyring_->find_owner(index_of(native));
    }

    [[nodiscard]] domain::Result<domain::Bytes> seal(const domain::SubjectId& subject,
                                                     std::span<const std::uint8_t> plain) override {
        return seal_for(OwnerKind::subject, subject, plain);
    }

    [[nodiscard]] domain::Result<Opened> open(std::span<const std::uint8_t> sealed) const override {
        return open_for(OwnerKind::subject, sealed);
    }

    [[nodiscard]] domain::Result<domain::Bytes> seal_raw(
        std::uint32_t day, std::span<const std::uint8_t> plain) override {
        if (plain.size() > kRawBodyBytesMax) {
            return domain::fail(domain::ErrorCode::invalid_argument,
                                "raw body is larger than 16 MiB");
        }
        const domain::Bytes32 index = index_of_day(day);
        const auto owners = keyring_->owners_for(OwnerKind::raw_day, std::span(&index, 1));
        if (!owners) return tl::unexpected(owners.error());
        return seal_for(OwnerKind::raw_day, owners->ids.front(), compress(plain));
    }

    [[nodiscard]] domain::Result<Opened> open_raw(
        std::span<const std::uint8_t> sealed) const override {
        auto packed = open_for(OwnerKind::raw_day, sealed);
        if (!packed || std::holds_alternative<Erased>(*packed)) return packed;
        auto plain = decompress(std::get<domain::Bytes>(*packed), kRawBodyBytesMax);
        if (!plain) return tl::unexpected(plain.error());
        return Opened(std::move(*plain));
    }

    [[nodiscard]] domain::Result<void> read_rows(const RowSink& sink) const override {
        return rows_->read_all(sink);
    }

    [[nodiscard]] domain::Result<std::unique_ptr<SubjectHold>> hold(
        const domain::SubjectId& subject, std::chrono::milliseconds patience) override {
        // Whoever forgets a person must know all there is of them, by whichever node it was
        // written.
        if (auto caught = rows_->catch_up(); !caught)
            return tl::unexpected(std::move(caught).error());
        auto row = keyring_->find_row(subject);
        if (!row) return tl::unexpected(std::move(row).error());
        auto holding = keyring_->begin_hold(*row ? (*row)->index : domain::Bytes32{}, patience);
        if (!holding) return tl::unexpected(std::move(holding).error());
        auto hold = std::make_unique<Hold>(*keyring_, std::move(*holding), subject);
        // Read again: another hold may have destroyed it meanwhile.
        if (auto read = hold->read_row(); !read) return tl::unexpected(std::move(read).error());
        return hold;
    }

    [[nodiscard]] domain::Result<std::size_t> count_keys(
        const domain::SubjectId& subject) const override {
        const auto row = keyring_->find_row(subject);
        if (!row) return tl::unexpected(row.error());
        return *row && (*row)->kind == OwnerKind::subject ? (*row)->keys.size() : 0;
    }

    [[nodiscard]] domain::Result<std::size_t> destroy_raw_keys(std::uint32_t day) override {
        // Days have no order in the vault, their names are hashed: they are asked for one by one.
        std::size_t destroyed = 0;
        for (std::uint32_t at = day > kRawDaysBackMax ? day - kRawDaysBackMax : 0; at < day; ++at) {
            auto gone = destroy_day(at);
            if (!gone) return tl::unexpected(std::move(gone).error());
            destroyed += *gone ? 1U : 0U;
        }
        return destroyed;
    }

    [[nodiscard]] domain::Result<void> purge(std::atomic<bool>* cancelled) override {
        return rows_->purge(cancelled);
    }

    [[nodiscard]] domain::Result<std::uint64_t> erasures_finished() const override {
        const auto row = rows_->get(erasures_row_key());
        if (!row) return tl::unexpected(row.error());
        return *row ? decode_number(**row) : domain::Result<std::uint64_t>(0);
    }

    [[nodiscard]] domain::Result<void> note_erasures_finished(std::uint64_t ordinal) override {
        const VaultRow note{erasures_row_key(), encode_number(ordinal)};
        return rows_->put(std::span(&note, 1));
    }

    [[nodiscard]] domain::Bytes16 keyed_hash(HashPurpose purpose, Parts parts) const override {
        return hash_parts<domain::Bytes16>(master_, static_cast<std::uint8_t>(purpose), parts);
    }
    [[nodiscard]] domain::Bytes32 keyed_hash32(HashPurpose purpose, Parts parts) const override {
        return hash_parts<domain::Bytes32>(master_, static_cast<std::uint8_t>(purpose), parts);
    }

  private:
    class Hold final : public SubjectHold {
      public:
        Hold(Keyring& keyring, std::unique_lock<std::timed_mutex> holding,
             const domain::SubjectId& subject)
            : keyring_(keyring), holding_(std::move(holding)), subject_(subject) {}
        ~Hold() override { keyring_.end_hold(); }
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

        [[nodiscard]] domain::Result<void> read_row() {
            auto row = keyring_.find_row(subject_);
            if (!row) return tl::unexpected(std::move(row).error());
            if (*row && (*row)->kind == OwnerKind::subject) row_ = std::move(**row);
            return {};
        }
        [[nodiscard]] std::size_t keys() const override { return row_ ? row_->keys.size() : 0; }
        [[nodiscard]] domain::Result<void> destroy() override {
            if (!row_) return {};
            if (auto gone = keyring_.destroy(subject_, *row_); !gone) return gone;
            row_.reset();
            return {};
        }

      private:
        Keyring& keyring_;
        std::unique_lock<std::timed_mutex> holding_;
        const domain::SubjectId subject_;
        std::optional<OwnerRow> row_{};
    };

    [[nodiscard]] domain::Bytes32 index_of_day(std::uint32_t day) const {
        const std::string day_text = std::to_string(day);
        const std::string_view part = day_text;
        return hash_parts<domain::Bytes32>(master_, kRawDayIndex, Parts(&part, 1));
    }

    /// Was there a key?
    [[nodiscard]] domain::Result<bool> destroy_day(std::uint32_t day) {
        const auto owner = keyring_->find_owner(index_of_day(day));
        if (!owner) return tl::unexpected(owner.error());
        if (!*owner) return false;
        const auto row = keyring_->find_row(**owner);
        if (!row) return tl::unexpected(row.error());
        if (!*row) return false;
        if (auto gone = keyring_->destroy(**owner, **row); !gone)
            return tl::unexpected(std::move(gone).error());
        return true;
    }

    [[nodiscard]] domain::Bytes32 index_of(const NativeSubject& native) const {
        const std::string_view parts[] = {native.kind, native.platform, native.native_id};
        return hash_parts<domain::Bytes32>(master_, kSubjectIndex, parts);
    }

    [[nodiscard]] std::vector<domain::Bytes32> indexes_of(
        std::span<const NativeSubject> natives) const {
        std::vector<domain::Bytes32> indexes;
        indexes.reserve(natives.size());
        for (const NativeSubject& native : natives) indexes.push_back(index_of(native));
        return indexes;
    }

    [[nodiscard]] domain::Result<domain::Bytes> seal_for(OwnerKind kind, const OwnerId& owner,
                                                         std::span<const std::uint8_t> plain) {
        const auto key = keyring_->newest_key(kind, owner);
        if (!key) return tl::unexpected(key.error());
        Nonce nonce{};
        random_.fill(nonce);
        return seal_part(key->id, key->key, nonce, plain);
    }

    [[nodiscard]] domain::Result<Opened> open_for(OwnerKind kind,
                                                  std::span<const std::uint8_t> sealed) const {
        const auto id = sealed_with(sealed);
        if (!id) return tl::unexpected(id.error());
        const auto key = keyring_->find_key(kind, *id);
        if (!key) return tl::unexpected(key.error());
        if (!*key) return Opened(Erased{});
        auto plain = open_part(**key, sealed);
        if (!plain) return tl::unexpected(plain.error());
        return Opened(std::move(*plain));
    }

    std::unique_ptr<VaultRows> rows_;
    SecretKey master_;
    Random& random_;
    bool missing_;
    std::unique_ptr<Keyring> keyring_;  // has its own lock
};

/// A key that is not there because the vault is not there must never read as an erased one.
class MissingRows final : public VaultRows {
  public:
    [[nodiscard]] domain::Result<std::optional<std::string>> get(std::string_view) const override {
        return absent();
    }
    [[nodiscard]] domain::Result<void> write(std::span<const VaultRow>,
                                             std::span<const std::string>) override {
        return absent();
    }
    [[nodiscard]] domain::Result<void> read_all(const VaultRowSink&) const override {
        return absent();
    }
    [[nodiscard]] domain::Result<void> purge(std::atomic<bool>*) override { return absent(); }

  private:
    static tl::unexpected<domain::Error> absent() {
        return domain::fail(domain::ErrorCode::not_found,
                            "vault missing: this ledger's vault/ is not here, nothing can be "
                            "opened or sealed");
    }
};

domain::Result<SecretKey> master_of(VaultRows& rows, Random& random, NoMaster no_master) {
    const auto row = rows.get(master_row_key());
    if (!row) return tl::unexpected(row.error());
    if (*row) return decode_master(**row);
    if (no_master == NoMaster::refuse) {
        return domain::fail(domain::ErrorCode::corrupt,
                            "vault/ holds no master key although the ledger was written with one");
    }
    const SecretKey master = SecretKey::draw(random);
    const VaultRow created{master_row_key(), encode_master(master)};
    if (const auto durable = rows.put(std::span(&created, 1)); !durable) {
        return tl::unexpected(durable.error());
    }
    // Another node may have been first.
    const auto standing = rows.get(master_row_key());
    if (!standing) return tl::unexpected(standing.error());
    if (!*standing) return domain::fail(domain::ErrorCode::corrupt, "vault: no master row stands");
    return decode_master(**standing);
}

}  // namespace

domain::Result<std::unique_ptr<Vault>> make_vault(std::unique_ptr<VaultRows> rows, Random& random,
                                                  NoMaster no_master) {
    const auto master = master_of(*rows, random, no_master);
    if (!master) return tl::unexpected(master.error());
    return std::make_unique<KeyedVault>(std::move(rows), *master, random, false);
}

std::unique_ptr<Vault> make_missing_vault(Random& random) {
    return std::make_unique<KeyedVault>(std::make_unique<MissingRows>(), SecretKey::draw(random),
                                        random, true);
}

std::unique_ptr<Vault> make_memory_vault(Random* random) {
    // Memory rows are new and cannot fail.
    return *make_vault(make_memory_rows(), random != nullptr ? *random : system_random(),
                       NoMaster::create);
}

domain::CommandKey command_key(const Vault& vault, std::string_view workspace,
                               std::string_view source, std::string_view id) {
    const std::string_view parts[] = {workspace, source, id};
    return domain::CommandKey{vault.keyed_hash(HashPurpose::command_key, parts)};
}

domain::RequestHash request_hash(const Vault& vault, std::string_view command,
                                 std::string_view target, std::string_view expected,
                                 std::string_view canonical_json) {
    const std::string_view parts[] = {command, target, expected, canonical_json};
    return domain::RequestHash{vault.keyed_hash(HashPurpose::request, parts)};
}

}  // namespace decklog::store
