#include "ingest/outcome.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "ingest/limits.hpp"
#include "ingest/platform_traits.hpp"
#include "store/log.hpp"

namespace decklog::ingest {
namespace {

/// Empty: the append did not fail, this one item was refused.
std::string_view unavailable_code(store::Refused kind) {
    switch (kind) {
        case store::Refused::queue_full:
            return "queue_full";
        case store::Refused::disk_low:
            return "disk_low";
        case store::Refused::clock_refused:
            return "clock_refused";
        case store::Refused::read_only:
            return "read_only";
        case store::Refused::moved:
            return "ledger_moved";
        case store::Refused::outcome_unknown:
            return "outcome_unknown";
        case store::Refused::not_owner:
            return "not_owner";
        case store::Refused::stopping:
            return "stopping";
        case store::Refused::rejected:
        case store::Refused::idempotency_conflict:
        case store::Refused::version_conflict:
            return {};
    }
    return {};
}

std::string_view outcome_of(const store::Receipt& receipt, FiledAs filed_as, bool reuses_ids) {
    if (receipt.outcome == store::Outcome::repeated) {
        return receipt.other_content && !reuses_ids ? "content_differs" : "repeated";
    }
    if (filed_as == FiledAs::too_large) return "too_large";
    if (receipt.other_content) return "id_reused";
    return filed_as == FiledAs::unrecognised ? "unrecognised" : "accepted";
}

}  // namespace

HookAnswer Outcome::answer(const std::vector<store::Answer>& answers,
                           const std::vector<FiledAs>& filed_as,
                           const std::function<HookAnswer(std::string_view)>& answer) const {
    std::map<std::string_view, std::uint64_t> counts;
    std::optional<domain::Position> first;
    std::optional<domain::Position> last;
    std::string_view unavailable;
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answers[i]) {
            if (!first) first = answers[i]->first;
            last = std::max(last.value_or(answers[i]->last), answers[i]->last);
            ++counts[outcome_of(*answers[i], filed_as[i], traits_of(platform_).reuses_item_ids)];
            continue;
        }
        const std::string_view code = unavailable_code(answers[i].error().kind);
        if (!code.empty()) unavailable = code;
        if (code.empty()) {
            store::log_error("hooks", trace_, "an item was refused by the ledger: {}",
                             answers[i].error().rejection.code);
        }
        ++counts[code.empty() ? std::string_view{"rejected"} : code];
    }
    for (const auto& count : counts) observer_->webhook(platform_, count.first, count.second);

    if (!unavailable.empty()) {
        return HookAnswer{.status = 503,
                          .error_code = std::string(unavailable),
                          .retry_after_seconds = limits::kRetryAfterSeconds};
    }
    HookAnswer result;
    if (answer && first) result = answer(domain::to_cursor(ledger_, *first));
    result.position = last;
    return result;
}

}  // namespace decklog::ingest
