#include "store/kafka/node.hpp"

#include <algorithm>

#include "store/log.hpp"

namespace decklog::store::kafka {

void Node::enrol(std::uint32_t partition, Bell& bell) {
    const std::lock_guard lock(told_mutex_);
    bells_.at(partition) = &bell;
}

bool Node::all(bool Candidacy::*said) const {
    return std::all_of(candidacies_.begin(), candidacies_.end(),
                       [said](const Candidacy& each) { return each.*said; });
}

void Node::ring_all() {
    const std::lock_guard lock(told_mutex_);
    for (Bell* bell : bells_) {
        if (bell != nullptr) bell->ring();
    }
}

bool Node::owns(std::uint32_t partition, const Candidacy& candidacy) {
    const std::lock_guard lock(mutex_);
    candidacies_.at(partition) = candidacy;
    if (!all(&Candidacy::may_own)) {
        if (membership_ == nullptr) return false;
        membership_.reset();
        owned_.clear();
        ring_all();
        return false;
    }
    if (membership_ == nullptr) {
        if (!all(&Candidacy::is_near)) return false;
        auto joined = Membership::join(cluster_, [this] { ring_all(); });
        if (!joined) {
            log_warn("kafka", {}, "{}", joined.error().context);
            return false;
        }
        membership_ = *std::move(joined);
    }
    membership_->poll();
    if (membership_->owned() != owned_) {
        owned_ = membership_->owned();
        ring_all();
    }
    return owned_.contains(partition);
}

void Node::finish(std::uint32_t partition) {
    {
        const std::lock_guard lock(told_mutex_);
        bells_.at(partition) = nullptr;
    }
    const std::lock_guard lock(mutex_);
    if (++finished_ == candidacies_.size()) membership_.reset();
}

void Node::tell(const domain::LedgerId& ledger, std::uint32_t level, bool goes_on) {
    level_ = level;
    goes_on_ = goes_on;
    {
        const std::lock_guard lock(told_mutex_);
        if (ledger_ == ledger) return;
        ledger_ = ledger;
    }
    ring_all();
}

std::optional<domain::LedgerId> Node::ledger_to_begin() const {
    if (goes_on_) return std::nullopt;
    const std::lock_guard lock(told_mutex_);
    return ledger_;
}

}  // namespace decklog::store::kafka
