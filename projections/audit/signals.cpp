#include "projections/audit/signals.hpp"

#include <utility>
#include <vector>

#include "projections/audit/audit_rows.hpp"
#include "projections/audit/ranking.hpp"
#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::audit {
namespace {

using counting::Words;

class SignalLists {
  public:
    SignalLists(const Words& words, const WindowCounts& counts, std::size_t limit)
        : words_(words), counts_(counts), limit_(limit) {}

    [[nodiscard]] Signals read() const {
        Signals signals;
        signals.escalation_reasons = keys(Group::reason, kAllRanks);
        signals.bookings_by_status = keys(Group::booking_status, kAllRanks);
        signals.bookings_by_platform = keys(Group::booking_platform, kAllRanks);
        for (const auto& [text, count] : ranks(Group::failure, kAllRanks)) {
            RowBytes parts(text);
            FailureCount failure;
            failure.platform = counting::ordered_text(parts);
            failure.stage = counting::ordered_text(parts);
            failure.action = counting::ordered_text(parts);
            failure.count = count;
            signals.platform_failures.push_back(std::move(failure));
        }
        signals.audit_by_platform = keys(Group::platform, limit_);
        for (const auto& [text, count] : ranks(Group::agent, limit_)) {
            RowBytes parts(text);
            AgentCount agent;
            agent.actor_type = counting::ordered_text(parts);
            agent.agent_id = counting::ordered_text(parts);
            agent.count = count;
            signals.audit_by_agent.push_back(std::move(agent));
        }
        signals.audit_by_conversation = keys(Group::conversation, limit_);
        return signals;
    }

  private:
    [[nodiscard]] std::vector<Ranked> ranks(Group group, std::size_t limit) const {
        return projections::audit::ranked(words_, book_of(group), counts_.of(group), limit);
    }
    [[nodiscard]] std::vector<KeyCount> keys(Group group, std::size_t limit) const {
        std::vector<KeyCount> counts;
        for (auto& [text, count] : ranks(group, limit)) counts.push_back({std::move(text), count});
        return counts;
    }

    const Words& words_;
    const WindowCounts& counts_;
    std::size_t limit_;
};

}  // namespace

Signals signals(const Words& words, const WindowCounts& counts, std::size_t limit) {
    return SignalLists(words, counts, limit).read();
}

}  // namespace decklog::projections::audit
