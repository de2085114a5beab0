#include "store/places/places.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "store/rocks_ledger.hpp"
#include "tests/store/temporary_directory.hpp"

namespace decklog::store {
namespace {

LedgerOptions of(std::uint32_t partitions) {
    LedgerOptions options;
    options.partitions = partitions;
    options.disk_free_bytes_min = 0;
    return options;
}

TEST(Places, NeedNoEventWithOnePartition) {
    const auto ledger = make_memory_ledger(of(1));
    const auto places = Places::open(*ledger).value();
    EXPECT_EQ(places->partition_of("north"), 0U);
    EXPECT_EQ(places->place("north", system_clock()).value(), 0U);
    EXPECT_EQ(ledger->head(0).next_ordinal, 1U) << "nothing was written";
}

TEST(Places, SpreadWorkspacesOverTheOtherPartitionsAndKeepThem) {
    const TemporaryDirectory dir;
    std::map<std::string, std::uint32_t> given;
    {
        const auto ledger = open_rocks_ledger(dir.path(), of(3)).value();
        const auto places = Places::open(*ledger).value();
        EXPECT_EQ(places->partition_of("default"), 0U);
        EXPECT_EQ(places->partition_of("north"), std::nullopt);
        for (const char* workspace : {"north", "south", "east", "west"})
            given[workspace] = places->place(workspace, system_clock()).value();
        EXPECT_EQ(places->place("north", system_clock()).value(), given["north"]);
        EXPECT_EQ(ledger->head(0).next_ordinal, 5U) << "each was placed once";
        ledger->stop();
    }
    std::map<std::uint32_t, int> in;
    for (const auto& [workspace, partition] : given) ++in[partition];
    EXPECT_EQ(in, (std::map<std::uint32_t, int>{{1, 2}, {2, 2}}));
    const auto ledger = open_rocks_ledger(dir.path(), of(3)).value();
    const auto places = Places::open(*ledger).value();
    for (const auto& [workspace, partition] : given)
        EXPECT_EQ(places->partition_of(workspace), partition) << workspace;
}

TEST(Places, SpreadThoseThatComeAtOnceToo) {
    const auto ledger = make_memory_ledger(of(5));
    const auto places = Places::open(*ledger).value();
    std::vector<std::thread> coming;
    for (const char* workspace : {"north", "south", "east", "west"})
        coming.emplace_back(
            [&, workspace] { EXPECT_TRUE(places->place(workspace, system_clock())); });
    for (std::thread& each : coming) each.join();
    std::set<std::uint32_t> in;
    for (const char* workspace : {"north", "south", "east", "west"})
        in.insert(*places->partition_of(workspace));
    EXPECT_EQ(in, (std::set<std::uint32_t>{1, 2, 3, 4}));
}

TEST(Places, OfTwoWhoPlaceTheSameTheFirstStands) {
    const auto ledger = make_memory_ledger(of(4));
    const auto one = Places::open(*ledger).value();
    const auto other = Places::open(*ledger).value();
    const std::uint32_t placed = one->place("north", system_clock()).value();
    EXPECT_EQ(other->place("north", system_clock()).value(), placed);
}

TEST(Places, AreRefusedAsTheLedgerRefuses) {
    LedgerOptions options = of(2);
    options.read_only = true;
    const auto ledger = make_memory_ledger(options);
    const auto places = Places::open(*ledger).value();
    const auto refused = places->place("north", system_clock());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Refused::read_only);
    EXPECT_EQ(places->partition_of("north"), std::nullopt);
}

}  // namespace
}  // namespace decklog::store
