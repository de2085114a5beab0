// A node far behind applies records in bulk: its rows are those of a node that was there all along.
#include <gtest/gtest.h>

#include "store/kafka/backlog.hpp"
#include "store/rows/rocks_rows.hpp"
#include "tests/sim/node.hpp"
#include "tests/store/temporary_directory.hpp"

namespace decklog::sim {
namespace {

using namespace store;  // NOLINT: this file is about the store's parts
using kafka::Backlog;
using kafka::Fetched;
using kafka::Pace;
using kafka::Replica;

std::vector<Fetched> records(std::int64_t from, std::int64_t to) {
    std::vector<Fetched> some;
    for (std::int64_t offset = from; offset < to; ++offset) some.push_back({offset, {1}, {}});
    return some;
}

TEST(Backlog, IsDueAtOnceNearTheEndAndGatheredFarBehindIt) {
    Backlog backlog(100);
    EXPECT_TRUE(backlog.take_due(1'000).records.empty());
    backlog.add(records(0, 60));
    EXPECT_TRUE(backlog.take_due(1'000).records.empty()) << "far behind";
    backlog.add(records(60, 130));
    const Backlog::Due full = backlog.take_due(1'000);
    EXPECT_EQ(full.records.size(), 130U);
    EXPECT_EQ(full.pace, Pace::bulk);
    backlog.add(records(130, 140));
    EXPECT_TRUE(backlog.take_due(153).records.empty()) << "still 13 behind, of 100 in a batch";
    const Backlog::Due near = backlog.take_due(152);
    EXPECT_EQ(near.records.size(), 10U);
    EXPECT_EQ(near.records.front().offset, 130);
    EXPECT_EQ(near.pace, Pace::live);
    backlog.add(records(140, 141));
    EXPECT_EQ(backlog.take_due(std::nullopt).records.size(), 1U) << "nobody knows of more";
    backlog.add(records(141, 166));
    EXPECT_EQ(backlog.take_due(166).pace, Pace::bulk) << "a quarter of a batch pays";
    backlog.add(records(166, 176));
    EXPECT_TRUE(backlog.take_due(1'000).records.empty());
    EXPECT_EQ(backlog.take_due(1'000, true).records.size(), 10U) << "nothing more comes";
}

class BulkReplica : public testing::Test {
  protected:
    /// Commits of all kinds, barriers, and announces of two owners.
    void fill_topic() {
        for (int round = 0; round < 40; ++round) {
            if (round == 20) {
                node_.crash();
                node_.boot();
            }
            node_.owner().own();
            for (int i = 0; i < 8; ++i) {
                node_.submit(contract::append("ext/" + std::to_string(below(rng_, 7))),
                             [](const Answer&) {});
            }
            for (int i = 0; i < 4; ++i) {
                node_.tick(false);
                node_.decide();
                for (int j = 0; j < 16; ++j) node_.produce_one();
                for (int j = 0; j < 16; ++j) node_.report_one();
                node_.fetch(100);
            }
        }
        ASSERT_TRUE(node_.has_applied_all());
        ASSERT_GT(topic_.end(), 200);
    }
    void expect_same_rows(const RowReader& rows) {
        const auto expected = node_.all_rows();
        for (std::size_t family = 0; family < expected.size(); ++family) {
            MemoryRows::Map found;
            const auto read = rows.scan(static_cast<RowFamily>(family), std::string(1, '\0'),
                                        std::string(64, '\xFF'), Order::ascending, Access::bulk,
                                        [&](std::string_view key, std::string_view value) {
                                            found.emplace(key, value);
                                            return true;
                                        });
            ASSERT_TRUE(read) << read.error().context;
            EXPECT_EQ(found, expected[family]) << kRowFamilyNames[family];
        }
    }

    Rng rng_{11};
    contract::FakeClock clock_;
    Topic topic_;
    Node node_{topic_, rng_, clock_, 1};
};

TEST_F(BulkReplica, HasTheRowsOfOneThatWasThereAllAlong) {
    node_.behaves = true;
    fill_topic();
    const TemporaryDirectory directory;
    std::int64_t offset = 0;
    for (int life = 0; offset < topic_.end(); ++life) {
        auto rows = RocksRows::open(directory.path(), nullptr, Durability::cached);
        ASSERT_TRUE(rows) << rows.error().context;
        auto replica = Replica::recover(**rows, 0);
        ASSERT_TRUE(replica) << replica.error().context;
        ASSERT_EQ(replica->state().next_offset, offset);
        for (int batch = 0; batch < 3 && offset < topic_.end(); ++batch) {
            std::vector<Fetched> some;
            for (const auto end = std::min<std::int64_t>(topic_.end(), offset + 37); offset < end;
                 ++offset)
                some.push_back({offset, topic_.at(offset), {}});
            const Pace pace = (life + batch) % 2 == 0 ? Pace::bulk : Pace::live;
            EXPECT_EQ(replica->apply(some, pace).size(), some.size());
            ASSERT_FALSE(replica->stopped()) << replica->stopped()->context;
        }
        if (offset == topic_.end()) expect_same_rows(**rows);
    }
}

}  // namespace
}  // namespace decklog::sim
