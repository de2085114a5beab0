#include "domain/gate/verdict.hpp"

#include <array>
#include <cstddef>

namespace decklog::domain::gate {
namespace {

struct ReasonText {
    std::string_view code, meaning;
};

/// In the order of the enumeration.
constexpr std::array kReasons{
    ReasonText{"none", ""},
    ReasonText{"gate_failed", "a hard gate failed"},
    ReasonText{
        "missing_platforms",
        "required platforms show no recent activity, or all their accounts are switched off"},
    ReasonText{"regression", "errors are proven to be more frequent than the baseline allows"},
    ReasonText{"canary_silent", "the canary attempts nothing while its baseline does"},
    ReasonText{"share_mismatch", "the canary gets fewer units than its planned share"},
    ReasonText{"burn_rate", "errors spend the budget faster than it may be spent"},
    ReasonText{"horizon_reached", "the planned checks are over without a decision"},
    ReasonText{"not_worse", "every required stream is proven not to be worse"},
    ReasonText{"exposure_met", "the shadow handled enough"},
    ReasonText{"watch_complete", "the release stood its time at full"},
    ReasonText{"no_data", "nothing was attempted; nobody is no proof"},
    ReasonText{"no_baseline", "there is nothing to compare with"},
    ReasonText{"gap", "too much of the canary's data is missing or late"},
    ReasonText{"not_proven", "the evidence does not suffice yet"},
    ReasonText{"awaiting_exposure", "the shadow has not handled enough yet"},
    ReasonText{"awaiting_time", "the release has not stood its time yet"},
    ReasonText{"awaiting_confirmation", "proven, and the next check has to say so again"},
    ReasonText{"awaiting_gates",
               "a required gate has no pass that counts; record it again in each stage"},
    ReasonText{"drill_missing", "a required drill of this release has not passed"},
};

}  // namespace

std::string_view to_text(Verdict verdict) {
    switch (verdict) {
        case Verdict::promote:
            return "promote";
        case Verdict::proceed:
            return "continue";
        case Verdict::hold:
            return "hold";
        case Verdict::rollback:
            return "rollback";
    }
    return "";
}

std::string_view to_text(Reason reason) {
    static_assert(kReasons.size() == static_cast<std::size_t>(Reason::drill_missing) + 1);
    return kReasons[static_cast<std::size_t>(reason)].code;
}

std::string_view meaning_of(Reason reason) {
    return kReasons[static_cast<std::size_t>(reason)].meaning;
}

}  // namespace decklog::domain::gate
