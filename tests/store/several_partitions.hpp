// Words for tests of a ledger of several partitions: workspace `w1` lives in partition 1, `w2` in
// partition 2, everything else in partition 0.
#pragma once

#include <string>
#include <vector>

#include "tests/store/rocks_fixture.hpp"

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

/// Commits of one event, with a key each, in the workspace of their partition.
inline void fill(Ledger& ledger, std::uint32_t partition, int commits) {
    for (int i = 0; i < commits; ++i) {
        domain::NewEvent event = rocks_test::event("room/" + std::to_string(i % 5));
        event.workspace = workspace_of(partition);
        Submission submission;
        submission.intent = domain::fact("append", std::move(event));
        const auto number = ledger.head(partition).next_ordinal + 1'000'000ULL * partition;
        ASSERT_TRUE(submit_to(ledger, partition, rocks_test::keyed(std::move(submission), number)));
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
