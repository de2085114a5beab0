// One engine a partition: rows and files of its own, asked together.
#include "projections/engines.hpp"

#include <gtest/gtest.h>

#include <future>

#include "projections/audit/audit_query.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/projections/audit_given.hpp"
#include "tests/projections/views_directory.hpp"

namespace decklog::projections::engines_test {
namespace {

using test_log::ViewsDirectory;

constexpr std::chrono::seconds kPatience{20};

class EnginesTest : public ::testing::Test {
  protected:
    EnginesTest() {
        store::LedgerOptions options;
        options.partitions = 3;
        options.disk_free_bytes_min = 0;
        ledger_ = store::make_memory_ledger(options);
    }
    void append(std::uint32_t partition, int events) {
        for (int i = 0; i < events; ++i) {
            store::Submission submission;
            submission.intent.command = "test";
            submission.intent.home = {"default", "audit/message/e1"};
            submission.intent.decide = [](domain::Histories) -> domain::Decision<domain::Events> {
                return domain::Events{audit_given::event_of(audit_given::AuditRow{
                    .created_us = audit_given::kNoon, .action = "api_error"})};
            };
            std::vector<store::Submission> submissions;
            submissions.push_back(std::move(submission));
            ASSERT_TRUE(
                store::submit_and_wait(*ledger_, partition, std::move(submissions)).front());
        }
    }
    std::unique_ptr<Engines> open(const std::string& build = "this") {
        EngineOptions options;
        options.build = build;
        return Engines::open(directory_.path(), *ledger_, options).value();
    }
    static bool waits(Engines& engines, const std::vector<domain::Position>& place,
                      std::chrono::milliseconds timeout = kPatience) {
        std::promise<bool> reached;
        engines.when_reflected("audit", place, timeout,
                               [&](bool reflected) { reached.set_value(reflected); });
        return reached.get_future().get();
    }
    static std::int64_t counted(const Engines& engines, std::uint32_t partition) {
        const auto snapshots = engines.snapshots("audit").value();
        return audit_counts(*snapshots.at(partition).rows, {}).total;
    }
    static std::string instance(const Engines& engines, std::uint32_t partition) {
        return engines.of(partition).status().at(1).instance;
    }

    ViewsDirectory directory_;
    std::unique_ptr<store::Ledger> ledger_;
};

TEST_F(EnginesTest, FoldEachPartitionIntoFilesOfItsOwn) {
    const auto engines = open();
    ASSERT_EQ(engines->partitions(), 3U);
    for (std::uint32_t partition = 0; partition < 3; ++partition)
        append(partition, 2 + static_cast<int>(partition));
    ASSERT_TRUE(waits(*engines, {{0, 2}, {1, 3}, {2, 4}}));
    for (std::uint32_t partition = 0; partition < 3; ++partition)
        EXPECT_EQ(counted(*engines, partition), 2 + partition);
    EXPECT_TRUE(std::filesystem::exists(directory_.path()));
    EXPECT_TRUE(std::filesystem::exists(directory_.path().string() + ".1"));
    EXPECT_TRUE(std::filesystem::exists(directory_.path().string() + ".2"));
    EXPECT_EQ(engines->snapshots("none").error().code, domain::ErrorCode::not_found);
}

TEST_F(EnginesTest, TellOfEveryPartitionUnderANameOfItsOwn) {
    const auto engines = open();
    std::vector<std::string> names;
    for (const ViewStatus& status : engines->status()) {
        if (status.name == "audit") names.push_back(name_of(status));
    }
    EXPECT_EQ(names, (std::vector<std::string>{"audit", "audit/1", "audit/2"}));
}

TEST_F(EnginesTest, WaitForEveryPositionOfAList) {
    const auto engines = open();
    append(1, 1);
    EXPECT_TRUE(waits(*engines, {}));
    EXPECT_TRUE(waits(*engines, {{0, 0}, {1, 1}}));
    EXPECT_FALSE(waits(*engines, {{0, 0}, {1, 2}}, std::chrono::milliseconds(50)));
    EXPECT_FALSE(waits(*engines, {{0, 0}, {3, 0}})) << "there is no such partition";
    auto later = std::async(std::launch::async, [&] {
        return waits(*engines, {{0, 1}, {1, 1}, {2, 1}});
    });
    append(2, 1);
    append(0, 1);
    EXPECT_TRUE(later.get());
    engines->stop();
    EXPECT_FALSE(waits(*engines, {{0, 0}, {1, 9}}));
}

TEST_F(EnginesTest, RebuildAViewInEveryPartition) {
    const auto engines = open();
    append(1, 3);
    append(2, 1);
    ASSERT_TRUE(waits(*engines, {{0, 0}, {1, 3}, {2, 1}}));
    std::uint64_t last = 0;
    const auto built =
        engines->rebuild("audit", Takeover::equal_bytes, [&](std::uint64_t done, std::uint64_t) {
            EXPECT_GE(done, last) << "of all partitions";
            last = done;
            return true;
        });
    ASSERT_TRUE(built.has_value());
    ASSERT_EQ(built->size(), 3U);
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        EXPECT_EQ((*built)[partition].partition, partition);
        EXPECT_TRUE((*built)[partition].flipped);
        EXPECT_EQ(instance(*engines, partition), "audit.v1.b2");
    }
    EXPECT_EQ(counted(*engines, 1), 3);
    EXPECT_EQ(last, 1U + 4U + 2U);
}

TEST_F(EnginesTest, GoOnWhereTheyStoodAndBeginAnewUnderAnotherBuild) {
    append(1, 3);
    {
        const auto engines = open();
        ASSERT_TRUE(waits(*engines, {{1, 3}}));
        ASSERT_TRUE(engines->rebuild("audit", Takeover::equal_bytes, {}).has_value());
    }
    EXPECT_EQ(instance(*open(), 1), "audit.v1.b2");
    const auto other = open("another");
    EXPECT_EQ(instance(*other, 0), "audit.v1.b1");
    EXPECT_EQ(instance(*other, 1), "audit.v1.b1") << "its files were dropped as well";
    ASSERT_TRUE(waits(*other, {{1, 3}}));
    EXPECT_EQ(counted(*other, 1), 3);
}

}  // namespace
}  // namespace decklog::projections::engines_test
