#include "domain/gate/profiles.hpp"

#include <cstddef>
#include <utility>

namespace decklog::domain::gate {
namespace {

/// Shadow only drafts, so what happens when a reply is sent has no shadow to be compared with:
/// these are held against the last full release, and before there was one against their floor.
StreamPolicy sending(std::string action) {
    StreamPolicy stream{.action = std::move(action), .attempts = {"ai_reply_send_attempted"}};
    stream.baseline = BaselineKind::previous;
    stream.floor = 0.005;
    stream.floor_only = true;
    return stream;
}

const std::vector<std::string> kBookings{
    "showing_booking_created", "showing_booking_replayed", "showing_booking_conflict",
    "showing_booking_idempotency_conflict", "showing_booking_slot_unavailable"};

std::vector<StreamPolicy> critical_streams() {
    return {sending("platform_dispatch_error"),
            sending("platform_dispatch_dlq"),
            {.action = "ai_reply_error", .attempts = {"ai_reply_decision"}},
            {.action = "showing_booking_failed", .attempts = kBookings}};
}

/// Handoff: conversations handed to people, of those decided. Showings: conversations whose booking
/// met another one, of those that booked.
std::vector<StreamPolicy> lifecycle_streams() {
    return {{.action = "ai_reply_human_required_queued",
             .role = StreamRole::advisory,
             .attempts = {"ai_reply_decision"}},
            {.action = "showing_booking_conflict",
             .role = StreamRole::advisory,
             .attempts = kBookings}};
}

constexpr const char* kPlatforms[] = {"spareroom", "roomies", "leasebreak", "renthop",
                                      "furnishedfinder"};

}  // namespace

Policy default_policy() {
    Policy policy;
    policy.streams = critical_streams();
    return policy;
}

Policy lease_bot_policy() {
    Policy policy = default_policy();
    // One platform of five at four times its errors is 1.6 times over all together: too little to
    // be seen there, plain on its own. Streams over all platforms keep three fifths of alpha.
    const std::vector<StreamPolicy> together = policy.streams;
    for (StreamPolicy& stream : lifecycle_streams()) policy.streams.push_back(std::move(stream));
    for (StreamPolicy& stream : policy.streams) stream.weight = 5;
    for (const char* platform : kPlatforms) {
        policy.required_platforms.emplace_back(platform);
        for (StreamPolicy stream : together) {
            stream.platform = platform;
            stream.role = StreamRole::advisory;
            policy.streams.push_back(std::move(stream));
        }
    }
    policy.required_gates = {"api-tests", "worker-tests", "web-smoke", "platform-integration-e2e",
                             "release-critical-e2e"};
    policy.required_drills = {"rollout", "rollback"};
    return policy;
}

std::optional<Policy> find_profile(std::string_view name) {
    if (name == "default") return default_policy();
    if (name == "lease-bot") return lease_bot_policy();
    return std::nullopt;
}

}  // namespace decklog::domain::gate
