#include "store/places/places.hpp"

#include <algorithm>
#include <chrono>

#include "domain/workspace/placement.hpp"
#include "store/frame/frame.hpp"

namespace decklog::store {
namespace {

constexpr std::uint32_t kPartition = 0;  // says it of all
constexpr std::chrono::seconds kPatience{2};

}  // namespace

domain::Result<std::unique_ptr<Places>> Places::open(Ledger& ledger) {
    std::unique_ptr<Places> places(new Places(ledger));
    if (ledger.partitions() == 1) return places;
    // Listening comes first: an event between the two is met twice, never missed.
    places->subscription_ =
        ledger.on_durable([raw = places.get()](std::span<const FramePtr> frames) {
            for (const FramePtr& frame : frames) {
                if (frame->first().partition != kPartition) return;
                for (std::size_t i = 0; i < frame->event_count(); ++i) raw->note(frame->event(i));
            }
        });
    IndexKey key;
    key.kind = IndexKey::Kind::type;
    key.type = static_cast<std::uint32_t>(domain::EventType::workspace_placed);
    domain::Result<void> read;
    auto scanned = ledger.scan(
        kPartition, key, Order::ascending, std::nullopt, [&](domain::Position position) {
            const auto frame = ledger.frame_at(position);
            if (!frame) {
                read = tl::unexpected(frame.error());
                return false;
            }
            places->note((*frame)->event(position.ordinal - (*frame)->first().ordinal));
            return true;
        });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    if (!read) return tl::unexpected(std::move(read).error());
    return places;
}

void Places::note(const domain::EventView& event) {
    auto placed = domain::placed_by(event);
    if (!placed) return;
    const std::lock_guard lock(mutex_);
    placed_.try_emplace(std::move(placed->workspace), placed->partition);
}

std::optional<std::uint32_t> Places::partition_of(std::string_view workspace) const {
    if (ledger_.partitions() == 1 || workspace == domain::kDefaultWorkspace) return kPartition;
    const std::lock_guard lock(mutex_);
    const auto found = placed_.find(workspace);
    return found == placed_.end() ? std::nullopt : std::optional(found->second);
}

/// Partition 0 carries what decklog writes of itself, so it comes last.
std::uint32_t Places::emptiest() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::size_t> workspaces(ledger_.partitions());
    for (const auto& [workspace, partition] : placed_) {
        if (partition < workspaces.size()) ++workspaces[partition];
    }
    return static_cast<std::uint32_t>(std::min_element(workspaces.begin() + 1, workspaces.end()) -
                                      workspaces.begin());
}

tl::expected<std::uint32_t, Refusal> Places::place(std::string_view workspace, const Clock& clock) {
    if (const auto known = partition_of(workspace)) return *known;
    const std::unique_lock one_at_a_time(placing_, kPatience);  // each sees those before it
    if (!one_at_a_time.owns_lock())
        return tl::unexpected(Refusal{Refused::queue_full, {"queue_full", {}, {}, {}}});
    if (const auto known = partition_of(workspace)) return *known;
    domain::PlaceWorkspace command;
    command.workspace = workspace;
    command.partition = emptiest();
    command.now_us = clock.now_us();
    std::vector<Submission> submissions(1);
    submissions.front().intent = domain::place_workspace(std::move(command));
    const Answer answer =
        std::move(submit_and_wait(ledger_, kPartition, std::move(submissions)).front());
    if (!answer) return tl::unexpected(answer.error());
    // It is durable, so this listener was told before the answer was released.
    if (const auto placed = partition_of(workspace)) return *placed;
    return tl::unexpected(Refusal{Refused::outcome_unknown, {"outcome_unknown", {}, {}, {}}});
}

}  // namespace decklog::store
