// A ledger of several partitions: one log and one writer each, over the same rows, under one name.
#include <gmock/gmock.h>

#include <thread>

#include "store/directory/head_file.hpp"
#include "store/frame/frame.hpp"
#include "tests/contract/ledger_contract.hpp"
#include "tests/store/temporary_directory.hpp"

namespace decklog::store::contract {
namespace {

class PartitionsContract : public LedgerContract {
  protected:
    static constexpr std::uint32_t kPartitions = 3;
    PartitionsContract() { options_.partitions = kPartitions; }
    Answer submit_to(std::uint32_t partition, Submission submission) {
        std::vector<Submission> submissions;
        submissions.push_back(std::move(submission));
        return submit_and_wait(ledger(), partition, std::move(submissions)).front();
    }
};
INSTANTIATE_TEST_SUITE_P(, PartitionsContract, testing::Values(Kind::memory, Kind::rocks), name_of);

TEST_P(PartitionsContract, BeginEachWithTheLedgersName) {
    ASSERT_EQ(ledger().partitions(), kPartitions);
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
        const auto first = ledger().frame_at({partition, 0});
        ASSERT_TRUE(first.has_value());
        const domain::EventView event = (*first)->event(0);
        EXPECT_TRUE(event.is(domain::EventType::ledger_created));
        EXPECT_EQ(event.stream(), "ledger/" + std::to_string(partition));
        const auto* payload = event.payload_as<fb::LedgerCreated>();
        ASSERT_NE(payload, nullptr);
        EXPECT_EQ(payload->partition(), partition);
        EXPECT_EQ(std::memcmp(payload->ledger_id(), ledger().ledger_id().bytes.data(), 16), 0);
    }
}

TEST_P(PartitionsContract, AreDenseAndVersionedEachForItself) {
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
        domain::NewEvent event = message("room/a");
        event.workspace = "w" + std::to_string(partition);
        for (std::uint32_t i = 0; i <= partition; ++i) {
            const Answer answer = submit_to(partition, append(event));
            ASSERT_TRUE(answer.has_value());
            EXPECT_EQ(answer->first, (domain::Position{partition, 1 + i}));
        }
        EXPECT_EQ(ledger().head(partition).next_ordinal, 2U + partition);
        EXPECT_EQ(ledger().stream_version({event.workspace, "room/a"}).value(), 1U + partition);
    }
    EXPECT_EQ(ledger().head(kPartitions).next_ordinal, 0U) << "there is no such partition";
}

TEST_P(PartitionsContract, KnowAKeyWhereverItStands) {
    const Submission first = keyed(append("room/a"), key(1), hash(1));
    ASSERT_TRUE(submit_to(2, first).has_value());
    EXPECT_TRUE(ledger().adds_nothing(first).value());
    const Answer again = submit_to(2, first);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->outcome, Outcome::repeated);
    EXPECT_EQ(again->first, (domain::Position{2, 1}));
}

TEST_P(PartitionsContract, TellAListenerOneAtATimeAndEachInItsOrder) {
    std::map<std::uint32_t, std::uint64_t> next;
    std::atomic<int> inside{0};
    auto subscription = ledger().on_durable([&](std::span<const FramePtr> frames) {
        EXPECT_EQ(inside.fetch_add(1), 0);
        for (const FramePtr& frame : frames) {
            const domain::Position first = frame->first();
            const auto known = next.try_emplace(first.partition, first.ordinal).first;
            EXPECT_EQ(known->second, first.ordinal);
            known->second = frame->last().ordinal + 1;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(200));  // so that others come
        inside.fetch_sub(1);
    });
    std::vector<std::thread> clients;
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
        clients.emplace_back([this, partition] {
            for (int i = 0; i < 50; ++i) EXPECT_TRUE(submit_to(partition, append("room/a")));
        });
    }
    for (std::thread& client : clients) client.join();
    subscription.reset();
    for (const auto& [partition, ordinal] : next) EXPECT_EQ(ordinal, 51U) << partition;
    EXPECT_EQ(next.size(), kPartitions);
}

LedgerOptions three_partitions() {
    LedgerOptions options;
    options.partitions = 3;
    options.disk_free_bytes_min = 0;
    return options;
}

void append_to(Ledger& ledger, std::uint32_t partition, int events) {
    for (int i = 0; i < events; ++i) {
        std::vector<Submission> submissions;
        submissions.push_back(append("room/a"));
        ASSERT_TRUE(submit_and_wait(ledger, partition, std::move(submissions)).front().has_value());
    }
}

TEST(RocksPartitions, ComeBackAsManyAsTheyWereWhateverIsAskedFor) {
    const TemporaryDirectory dir;
    domain::LedgerId id;
    {
        const auto ledger = open_rocks_ledger(dir.path(), three_partitions()).value();
        append_to(*ledger, 1, 4);
        id = ledger->ledger_id();
        ledger->stop();
    }
    LedgerOptions one;
    one.disk_free_bytes_min = 0;
    const auto ledger = open_rocks_ledger(dir.path(), one).value();
    EXPECT_EQ(ledger->partitions(), 3U);
    EXPECT_EQ(ledger->ledger_id(), id);
    EXPECT_EQ(ledger->head(0).next_ordinal, 1U);
    EXPECT_EQ(ledger->head(1).next_ordinal, 5U);
    EXPECT_EQ(read_heads(dir.path() / "HEAD").value().at(1)->last, (domain::Position{1, 4}));
}

TEST(RocksPartitions, AreHeldToWhatHeadSawOfEachOfThem) {
    const TemporaryDirectory dir;
    {
        const auto ledger = open_rocks_ledger(dir.path(), three_partitions()).value();
        append_to(*ledger, 2, 4);
        ledger->stop();
    }
    std::FILE* file = std::fopen((dir.path() / "HEAD").c_str(), "r+");
    ASSERT_NE(file, nullptr);
    EXPECT_TRUE(write_head(fileno(file), {{2, 9}, {}}).has_value());
    std::fclose(file);
    const auto cut = open_rocks_ledger(dir.path(), three_partitions());
    ASSERT_FALSE(cut.has_value());
    EXPECT_THAT(cut.error().context, testing::HasSubstr("ends at 2:4 but HEAD has seen 2:9"));
    std::filesystem::resize_file(dir.path() / "HEAD", 2 * 64);
    EXPECT_TRUE(open_rocks_ledger(dir.path(), three_partitions()).has_value()) << "only a hint";
    file = std::fopen((dir.path() / "HEAD").c_str(), "r+");
    EXPECT_TRUE(write_head(fileno(file), {{3, 9}, {}}).has_value());
    std::fclose(file);
    const auto lost = open_rocks_ledger(dir.path(), three_partitions());
    ASSERT_FALSE(lost.has_value());
    EXPECT_THAT(lost.error().context, testing::HasSubstr("HEAD has seen 3:9"));
}

}  // namespace
}  // namespace decklog::store::contract
