// Words for tests of a ledger of several partitions: workspace `w1` lives in partition 1, `w2` in
// partition 2, everything else in partition 0.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "domain/fact.hpp"
#include "store/frame/frame.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::store::several {

inline constexpr std::uint32_t kPartitions = 3;

inline LedgerOptions options(std::uint32_t partitions = kPartitions) {
    LedgerOptions options;
    options.partitions = partitions;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    return options;
}

inline std::string workspace_of(std::uint32_t partition) {
    return partition == 0 ? "default" : "w" + std::to_string(partition);
}

inline Answer submit_to(Ledger& ledger, std::uint32_t partition, Submission submission) {
    std::vector<Submission> submissions;
    submissions.push_back(std::move(submission));
    return submit_and_wait(ledger, partition, std::move(submissions)).front();
}

/// An event with a key in the workspace of its partition; five rooms in each.
inline Submission numbered(std::uint32_t partition, std::uint64_t number) {
    domain::NewEvent event;
    event.type = domain::EventType::audit_action_recorded;
    event.action = "ai_reply_sent";
    event.workspace = workspace_of(partition);
    event.stream = "room/" + std::to_string((number + 4) % 5);
    event.conversation = event.stream;
    event.occurred_at_us = 1'700'000'000'000'000;
    event.payload = {'x'};
    Submission submission;
    submission.intent = domain::fact("append", std::move(event));
    submission.key = domain::CommandKey{};
    std::memcpy(submission.key->bytes.data(), &number, sizeof number);
    submission.key->bytes[15] = static_cast<std::uint8_t>(partition + 1);
    return submission;
}

/// Commits of one event.
inline void fill(Ledger& ledger, std::uint32_t partition, int commits) {
    for (int i = 0; i < commits; ++i) {
        const std::uint64_t next = ledger.head(partition).next_ordinal;
        ASSERT_TRUE(submit_to(ledger, partition, numbered(partition, next)));
    }
}

/// 10, 20, 30, … commits.
inline void fill(Ledger& ledger) {
    for (std::uint32_t partition = 0; partition < ledger.partitions(); ++partition)
        fill(ledger, partition, 10 * (static_cast<int>(partition) + 1));
}

/// Of one partition, as they are stored.
inline std::vector<std::string> frames_of(const LogReader& ledger, std::uint32_t partition) {
    std::vector<std::string> frames;
    EXPECT_TRUE(ledger.read({partition, 0}, [&frames](const FramePtr& frame) {
        frames.emplace_back(frame->bytes().begin(), frame->bytes().end());
        return true;
    }));
    return frames;
}

}  // namespace decklog::store::several
