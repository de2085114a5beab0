#include "store/fork/fork.hpp"

#include "store/frame/frame.hpp"
#include "store/writer/answers.hpp"

namespace decklog::store {
namespace {

domain::Result<void> commit(Ledger& ledger, domain::ForkLedger command) {
    const std::uint32_t partition = command.order.partition;
    std::vector<Submission> submissions(1);
    submissions[0].intent = domain::fork_ledger(std::move(command));
    const std::vector<Answer> answers = submit_and_wait(ledger, partition, std::move(submissions));
    if (answers.front()) return {};
    const Refusal& refusal = answers.front().error();
    return domain::fail(domain::ErrorCode::io,
                        "the fork could not be recorded: " + refusal.rejection.message,
                        refusal.kind == Refused::queue_full);
}

/// What an earlier call that was cut short left to do.
struct BegunFork {
    std::optional<domain::LedgerId> id{};     // that it gave
    std::vector<std::uint32_t> partitions{};  // that are still called as before; 0 comes last
};
domain::Result<BegunFork> begun_fork(const LogReader& ledger) {
    BegunFork begun;
    for (std::uint32_t partition = ledger.partitions(); partition-- > 1;) {
        const auto id = id_in(ledger, partition);
        if (!id) return tl::unexpected(id.error());
        if (*id == ledger.ledger_id()) {
            begun.partitions.push_back(partition);
        } else {
            begun.id = *id;
        }
    }
    begun.partitions.push_back(0);
    return begun;
}

}  // namespace

domain::Result<std::vector<domain::LedgerId>> ancestors_of(const LogReader& ledger) {
    std::vector<domain::LedgerId> ancestors;
    domain::Result<void> read;
    IndexKey forks;
    forks.kind = IndexKey::Kind::type;
    forks.type = static_cast<std::uint32_t>(domain::EventType::ledger_forked);
    auto scanned = ledger.scan(0, forks, Order::ascending, std::nullopt, [&](domain::Position at) {
        auto frame = ledger.frame_at(at);
        if (!frame) {
            read = tl::unexpected(std::move(frame).error());
            return false;
        }
        if (const auto fork = domain::fork_of((*frame)->event(0))) ancestors.push_back(fork->from);
        return true;
    });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    if (!read) return tl::unexpected(std::move(read).error());
    return ancestors;
}

domain::Result<domain::LedgerId> id_in(const LogReader& ledger, std::uint32_t partition) {
    IndexKey forks;
    forks.kind = IndexKey::Kind::type;
    forks.type = static_cast<std::uint32_t>(domain::EventType::ledger_forked);
    domain::Position named{partition, 0};
    auto scanned = ledger.scan(partition, forks, Order::descending, std::nullopt,
                               [&named](domain::Position at) {
                                   named = at;
                                   return false;
                               });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    const auto frame = ledger.frame_at(named);
    if (!frame) return tl::unexpected(frame.error());
    if (const auto fork = domain::fork_of((*frame)->event(0))) return fork->to;
    if (const auto created = domain::created_id_of((*frame)->event(0))) return *created;
    return domain::fail(domain::ErrorCode::corrupt, "ledger/ log " + std::to_string(partition) +
                                                        ":" + std::to_string(named.ordinal) +
                                                        " names no ledger");
}

domain::Result<domain::LedgerId> fork(Ledger& ledger, Vault& vault, Random& random,
                                      domain::LedgerOrder order, const std::string& reason) {
    auto begun = begun_fork(ledger);
    if (!begun) return tl::unexpected(std::move(begun).error());
    domain::ForkLedger command;
    command.order = std::move(order);
    command.reason = reason;
    if (begun->id) {
        command.new_id = *begun->id;
    } else {
        random.fill(command.new_id.bytes);
    }
    for (const std::uint32_t partition : begun->partitions) {
        command.order.partition = partition;
        if (auto forked = commit(ledger, command); !forked)
            return tl::unexpected(std::move(forked).error());
    }
    const domain::LedgerId id = ledger.ledger_id();
    auto ancestors = ancestors_of(ledger);
    if (!ancestors) return tl::unexpected(std::move(ancestors).error());
    if (auto bound = vault.bind(id, *ancestors); !bound)
        return tl::unexpected(std::move(bound).error());
    return id;
}

}  // namespace decklog::store
