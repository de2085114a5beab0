#include "store/backup/erase_again.hpp"

#include "domain/subject/subject.hpp"
#include "store/erasure.hpp"

namespace decklog::store {
namespace {

constexpr const char* kReasonUnknown = "listed as erased beside the backup";

/// Without reading the log: it says so itself, and no key came back.
domain::Result<bool> is_known(const Ledger& ledger, const Vault& vault,
                              const domain::SubjectId& subject) {
    const auto version = ledger.stream_version({"default", domain::subject_stream(subject)});
    if (!version) return tl::unexpected(version.error());
    if (*version == 0 || vault.missing()) return *version > 0;
    const auto keys = vault.count_keys(subject);
    if (!keys) return tl::unexpected(keys.error());
    return *keys == 0;
}

ErasureOrder order_of(const ListedErasure& listed, const RestoreWish& by) {
    ErasureOrder order;
    order.actor = by.actor;
    order.recorded_by = by.recorded_by;
    order.now_us = system_clock().now_us();
    const bool may_stand = !domain::refusal_of_reason(listed.reason, {});
    order.reason = may_stand ? listed.reason : kReasonUnknown;
    return order;
}

}  // namespace

domain::Result<ErasureCounts> erase_again(Ledger& ledger, Vault& vault,
                                          std::span<const ListedErasure> erasures,
                                          const RestoreWish& by, const RestoreProgress& progress) {
    ErasureCounts counts;
    std::vector<ErasureTarget> targets;
    for (const ListedErasure& listed : erasures) {
        ++counts.listed;
        const auto known = is_known(ledger, vault, listed.subject);
        if (!known) return tl::unexpected(known.error());
        if (*known) {
            ++counts.known;
        } else {
            targets.push_back({listed.subject, order_of(listed, by)});
        }
    }
    if (targets.empty()) return counts;
    std::atomic<bool> is_ended{false};
    ErasureHooks hooks;
    hooks.ids_in = by.ids_in;
    hooks.cancelled = &is_ended;
    hooks.progress = [&](std::uint64_t done, std::uint64_t total) {
        if (progress && !progress(RestoreStage::erase, done, total)) is_ended = true;
    };
    const auto answers = erase_subjects(ledger, vault, targets, hooks);
    if (!answers) return tl::unexpected(answers.error());
    for (const ErasureAnswer& answer : *answers) {
        if (answer) {
            ++(answer->receipt.outcome == Outcome::accepted ? counts.applied : counts.known);
        } else if (answer.error().rejection.code == "not_found") {
            ++counts.unheard;
        } else {
            return domain::fail(domain::ErrorCode::io,
                                "the ledger refused an erasure: " + answer.error().rejection.code);
        }
    }
    return counts;
}

}  // namespace decklog::store
