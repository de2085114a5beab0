#include "api/copy.hpp"

#include <chrono>

#include "api/cluster/cluster_store.hpp"
#include "store/copy/to_directory.hpp"
#include "store/copy/vault_rows.hpp"
#include "store/directory/directory.hpp"
#include "store/disk_room.hpp"
#include "store/fork/fork.hpp"
#include "store/fork/hold.hpp"
#include "store/kafka/fill_topic.hpp"
#include "store/kafka/kafka_vault.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::api {
namespace {

using domain::ErrorCode;

constexpr std::chrono::seconds kOwnPatience{30};  // for the group to give the partition

/// What is moved: the lock, the ledger, and its vault where it is wanted.
struct Source {
    store::Directory directory;
    std::unique_ptr<store::Ledger> ledger;
    std::unique_ptr<store::Vault> vault;
};

domain::LedgerOrder order_now() {
    domain::LedgerOrder order;
    order.actor = {"admin", "files"};
    order.recorded_by = "token:files";
    order.now_us = store::system_clock().now_us();
    return order;
}

store::LedgerOptions options_of(const Config& config) {
    store::LedgerOptions options;
    options.accept_clock = config.accept_clock;
    options.raw_days = config.raw_days;
    options.disk_free_bytes_min = config.disk_free_mib << 20U;
    return options;
}

domain::Result<store::Directory> lock_source(const Config& config) {
    std::error_code error;
    if (!std::filesystem::exists(config.data / "FORMAT", error)) {
        return domain::fail(ErrorCode::not_found,
                            "no ledger in '" + config.data.string() + "'; give --data DIR");
    }
    return store::Directory::open(config.data, std::chrono::milliseconds(0));
}

domain::Result<Source> open_embedded(const Config& config) {
    auto directory = lock_source(config);
    if (!directory) return tl::unexpected(std::move(directory).error());
    const auto& root = directory->root();
    auto vault = store::open_rocks_vault(root, true, &store::system_random());
    if (!vault) return tl::unexpected(std::move(vault).error());
    auto ledger = store::open_rocks_ledger(root, options_of(config));
    if (!ledger) return tl::unexpected(std::move(ledger).error());
    return Source{*std::move(directory), *std::move(ledger), *std::move(vault)};
}

domain::Result<Source> open_node(const Config& config) {
    auto directory = lock_source(config);
    if (!directory) return tl::unexpected(std::move(directory).error());
    auto node = open_cluster_ledger(*directory, *config.cluster, options_of(config));
    if (!node) return tl::unexpected(std::move(node).error());
    auto vault = open_cluster_vault(*directory, *config.cluster, *node->ledger);
    if (!vault) return tl::unexpected(std::move(vault).error());
    return Source{*std::move(directory), std::move(node->ledger), *std::move(vault)};
}

domain::Result<void> end(store::Ledger& ledger, const char* kind, std::string name) {
    return store::end_ledger(ledger, {kind, std::move(name)}, order_now(), kOwnPatience);
}

domain::Result<void> take_vault(const Source& source, store::VaultRows& target, Copied& copied) {
    if (source.vault->missing()) {
        return domain::fail(ErrorCode::invalid_argument,
                            "there is no vault beside this ledger; copy without --vault");
    }
    const auto rows = store::copy_vault_rows(*source.vault, target);
    if (!rows) return tl::unexpected(rows.error());
    copied.vault_rows = *rows;
    return {};
}

domain::Result<Copied> into_topic(const Config& config, const CopyWish& wish,
                                  const store::CopyProgress& progress) {
    auto source = open_embedded(config);
    if (!source) return tl::unexpected(std::move(source).error());
    const auto cluster = cluster_options(*config.cluster);
    auto topic = store::kafka::TopicFill::open(cluster, *source->ledger, config.raw_days);
    if (!topic) return tl::unexpected(std::move(topic).error());
    Copied copied;
    copied.from = source->ledger->ledger_id();
    copied.present = topic->present();
    copied.was_whole = topic->is_whole();
    if (auto ended = end(*source->ledger, "topic", cluster.topic); !ended)
        return tl::unexpected(std::move(ended).error());
    copied.events = store::events_in(*source->ledger);
    if (wish.with_vault && !copied.was_whole) {
        const auto key = store::kafka::vault_key_from_hex(config.cluster->vault_key.reveal());
        if (!key) return tl::unexpected(key.error());
        const auto rows = store::kafka::open_kafka_vault_rows(cluster, *key);
        if (!rows) return tl::unexpected(rows.error());
        if (auto taken = take_vault(*source, **rows, copied); !taken)
            return tl::unexpected(std::move(taken).error());
    }
    const auto ledger = topic->fill(progress, store::system_clock(), store::system_random());
    if (!ledger) return tl::unexpected(ledger.error());
    copied.ledger = *ledger;
    return copied;
}

domain::Result<void> take_vault_to(const Source& source, const std::filesystem::path& root,
                                   Copied& copied) {
    auto rows = store::open_rocks_vault_rows(root / "vault");
    if (!rows) return tl::unexpected(std::move(rows).error());
    return take_vault(source, **rows, copied);
}

domain::Result<Copied> into_directory(const Config& config, const CopyWish& wish,
                                      const store::CopyProgress& progress) {
    const std::filesystem::path& to = *wish.to;
    if (const auto room = store::check_disk_room(to, config.disk_free_mib << 20U); !room)
        return tl::unexpected(room.error());
    auto source = config.cluster ? open_node(config) : open_embedded(config);
    if (!source) return tl::unexpected(std::move(source).error());
    auto lock = store::Directory::open(to, std::chrono::milliseconds(0));
    if (!lock) return tl::unexpected(std::move(lock).error());
    auto target = store::ImportDirectory::open(to);
    if (!target) return tl::unexpected(std::move(target).error());
    const auto whole = (*target)->is_ledger();
    if (!whole) return tl::unexpected(whole.error());
    if (*whole) {
        return domain::fail(ErrorCode::other_ledger,
                            "'" + to.string() + "' holds a whole ledger already");
    }
    if (auto ended = end(*source->ledger, "directory", to.filename().string()); !ended)
        return tl::unexpected(std::move(ended).error());
    Copied copied;
    if (wish.with_vault) {
        if (auto taken = take_vault_to(*source, to, copied); !taken)
            return tl::unexpected(std::move(taken).error());
    }
    const auto imported = store::copy_to_directory(*source->ledger, **target, progress,
                                                   store::system_clock(), store::system_random());
    if (!imported) return tl::unexpected(imported.error());
    copied.events = imported->events;
    copied.present = imported->present;
    copied.from = imported->from;
    copied.ledger = *imported->ledger;
    return copied;
}

}  // namespace

domain::Result<Copied> copy(const Config& config, const CopyWish& wish,
                            const store::CopyProgress& progress) {
    if (wish.to) return into_directory(config, wish, progress);
    if (config.cluster) return into_topic(config, wish, progress);
    return domain::fail(ErrorCode::invalid_argument,
                        "no topic is configured: set DECKLOG_KAFKA_BROKERS or --kafka-brokers, or "
                        "give --to DIR");
}

domain::Result<domain::LedgerId> take_back(const Config& config) {
    auto source = config.cluster ? open_node(config) : open_embedded(config);
    if (!source) return tl::unexpected(std::move(source).error());
    const auto hold = store::Hold::open(*source->ledger);
    if (!hold) return tl::unexpected(hold.error());
    if (!(*hold)->moved_at())
        return domain::fail(ErrorCode::invalid_argument, "this ledger was not moved");
    return store::fork(*source->ledger, *source->vault, store::system_random(), order_now(),
                       "copy");
}

}  // namespace decklog::api
