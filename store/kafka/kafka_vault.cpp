#include "store/kafka/kafka_vault.hpp"

#include <sodium.h>

#include "domain/check.hpp"
#include "store/kafka/vault_topic.hpp"

namespace decklog::store::kafka {

domain::Result<SecretKey> vault_key_from_hex(std::string_view hex) {
    domain::Bytes32 bytes{};
    std::size_t size = 0;
    const char* end = nullptr;
    const int failed =
        ::sodium_hex2bin(bytes.data(), bytes.size(), hex.data(), hex.size(), nullptr, &size, &end);
    const bool is_whole = failed == 0 && size == bytes.size() && end == hex.data() + hex.size();
    const SecretKey key{std::span<const std::uint8_t, 32>(bytes)};
    ::sodium_memzero(bytes.data(), bytes.size());
    if (is_whole) return key;
    return domain::fail(domain::ErrorCode::invalid_argument,
                        "DECKLOG_VAULT_KEY has to be 64 hex digits");
}

domain::Result<std::unique_ptr<Vault>> open_kafka_vault(const std::filesystem::path& root,
                                                        const ClusterOptions& cluster,
                                                        const SecretKey& vault_key,
                                                        NoMaster no_master, Random* random,
                                                        Clock* clock) {
    // libsodium chooses its code for this processor once, before anything is hashed or sealed.
    DECKLOG_CHECK(::sodium_init() >= 0);
    Random& source = random != nullptr ? *random : system_random();
    Clock& time = clock != nullptr ? *clock : system_clock();
    auto local = open_rocks_vault_rows(root / "vault");
    if (!local) return tl::unexpected(std::move(local).error());
    auto rows = VaultTopic::open(*std::move(local), cluster, vault_key, source, time);
    if (!rows) return tl::unexpected(std::move(rows).error());
    return make_vault(*std::move(rows), source, no_master);
}

domain::Result<std::unique_ptr<VaultRows>> open_kafka_vault_rows(const ClusterOptions& cluster,
                                                                 const SecretKey& vault_key) {
    DECKLOG_CHECK(::sodium_init() >= 0);
    auto rows =
        VaultTopic::open(make_memory_rows(), cluster, vault_key, system_random(), system_clock());
    if (!rows) return tl::unexpected(std::move(rows).error());
    return std::unique_ptr<VaultRows>(*std::move(rows));
}

}  // namespace decklog::store::kafka
