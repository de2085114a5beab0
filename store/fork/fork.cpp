#include "store/fork/fork.hpp"

#include "store/frame/frame.hpp"
#include "store/writer/answers.hpp"

namespace decklog::store {

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

domain::Result<domain::LedgerId> fork(Ledger& ledger, Vault& vault, Random& random,
                                      domain::LedgerOrder order, const std::string& reason) {
    domain::ForkLedger command;
    command.order = std::move(order);
    command.reason = reason;
    random.fill(command.new_id.bytes);
    std::vector<Submission> submissions(1);
    submissions[0].intent = domain::fork_ledger(std::move(command));
    const std::vector<Answer> answers = submit_and_wait(ledger, 0, std::move(submissions));
    if (!answers.front()) {
        const Refusal& refusal = answers.front().error();
        return domain::fail(domain::ErrorCode::io,
                            "the fork could not be recorded: " + refusal.rejection.message,
                            refusal.kind == Refused::queue_full);
    }
    const domain::LedgerId id = ledger.ledger_id();
    auto ancestors = ancestors_of(ledger);
    if (!ancestors) return tl::unexpected(std::move(ancestors).error());
    if (auto bound = vault.bind(id, *ancestors); !bound)
        return tl::unexpected(std::move(bound).error());
    return id;
}

}  // namespace decklog::store
