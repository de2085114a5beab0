// What the ledger said about the items of one body, as counts and as the platform's answer. Runs on
// the writer thread.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "ingest/filing.hpp"
#include "ingest/inbound.hpp"
#include "store/ledger.hpp"

namespace decklog::ingest {

class Outcome {
  public:
    Outcome(Platform platform, domain::TraceId trace, domain::LedgerId ledger,
            InboundObserver& observer)
        : platform_(platform), trace_(trace), ledger_(ledger), observer_(&observer) {}

    /// `answer` is the platform's own, given the cursor of the first item; absent: 200 with an
    /// empty body.
    [[nodiscard]] HookAnswer answer(
        const std::vector<store::Answer>& answers, const std::vector<FiledAs>& filed_as,
        const std::function<HookAnswer(std::string_view)>& answer) const;

  private:
    Platform platform_;
    domain::TraceId trace_;
    domain::LedgerId ledger_;
    InboundObserver* observer_;
};

}  // namespace decklog::ingest
