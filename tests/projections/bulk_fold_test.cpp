// Long stretches of the log: frames reach every thread that folds them, whole and in order, and
// what is folded so is what is folded in small batches.
#include "projections/bulk_fold.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "projections/engine.hpp"
#include "projections/frame_feed.hpp"
#include "projections/limits.hpp"
#include "tests/projections/random_log.hpp"
#include "tests/projections/tally_view.hpp"
#include "tests/projections/test_log.hpp"
#include "tests/projections/views_directory.hpp"

namespace decklog::projections::bulk_fold_test {

using namespace std::chrono_literals;
using random_log::RandomLog;
using test_log::TestLog;
using test_log::ViewsDirectory;
using Rows = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kChunksPushed = 100;

FrameChunk numbered(std::size_t number) {
    FrameChunk chunk;
    chunk.bytes = number;
    return chunk;
}

TEST(FrameFeed, GivesEveryFollowerEveryChunkInOrder) {
    FrameFeed feed(2);
    const auto follow = [&feed](std::size_t follower, std::chrono::microseconds pause) {
        std::vector<std::size_t> seen;
        while (const FrameChunk* chunk = feed.next(follower)) {
            seen.push_back(chunk->bytes);
            std::this_thread::sleep_for(pause);
        }
        return seen;
    };
    auto quick = std::async(std::launch::async, follow, 0, 0us);
    auto slow = std::async(std::launch::async, follow, 1, 200us);
    std::vector<std::size_t> pushed;
    for (std::size_t i = 0; i < kChunksPushed; ++i) {
        pushed.push_back(i);
        ASSERT_TRUE(feed.push(numbered(i)));
    }
    feed.close();
    EXPECT_EQ(quick.get(), pushed);
    EXPECT_EQ(slow.get(), pushed);
}

TEST(FrameFeed, DoesNotWaitForWhoHasLeft) {
    FrameFeed feed(2);
    feed.leave(1);
    auto stays = std::async(std::launch::async, [&feed] {
        std::size_t seen = 0;
        while (seen < kChunksPushed / 2 && feed.next(0) != nullptr) ++seen;
        feed.leave(0);
    });
    std::size_t pushed = 0;
    while (feed.push(numbered(pushed)) && pushed < kChunksPushed) ++pushed;
    EXPECT_LT(pushed, kChunksPushed);  // nobody was left to push to
    stays.get();
}

class BulkFoldTest : public testing::Test {
  protected:
    /// More than one place where the ledger keeps a chain head, from few events said over and over.
    void append(std::size_t count) {
        const auto few = random_.events(300);
        for (std::size_t left = count; left > 0;) {
            const std::size_t size = std::min(left, few.size());
            log_.append_each(std::span(few).first(size));
            left -= size;
        }
    }
    std::unique_ptr<Engine> open(std::span<const View* const> views) {
        EngineOptions options;
        options.views = views;
        options.build = "test";
        return Engine::open(directory_.path(), log_, options).value();
    }
    static bool reflects(Engine& engine, std::uint64_t ordinal, std::chrono::milliseconds timeout) {
        std::promise<bool> answer;
        engine.when_reflected({}, {0, ordinal}, timeout,
                              [&](bool reached) { answer.set_value(reached); });
        return answer.get_future().get();
    }
    static Rows rows_of(const Engine& engine, std::string_view view) {
        Rows all;
        engine.snapshot(view)->rows->scan("", "",
                                          [&](std::string_view key, std::string_view value) {
                                              all.emplace(key, value);
                                              return true;
                                          });
        return all;
    }

    ViewsDirectory directory_;
    TestLog log_;
    RandomLog random_{11};
};

TEST_F(BulkFoldTest, FarBehindEndsWithTheSameBytesAsReplay) {
    append(limits::kFarBehindEvents + 3'000);
    const auto engine = open(all_views());
    ASSERT_TRUE(reflects(*engine, log_.head(0).next_ordinal - 1, 120s));
    append(500);  // and from there it goes on live
    ASSERT_TRUE(reflects(*engine, log_.head(0).next_ordinal - 1, 120s));
    for (const View* view : all_views()) {
        EXPECT_EQ(rows_of(*engine, view->name()), replay(log_, *view, {}).value().rows.rows())
            << view->name();
    }
}

TEST_F(BulkFoldTest, StopsInTheMiddleBeforeWhatItDoesNotUnderstand) {
    append(limits::kFarBehindEvents + 700);
    const std::uint64_t odd = log_.head(0).next_ordinal;
    log_.append_as(random_.of(domain::EventType::message_received), 0x0399, 1);
    append(700);
    const engine_test::TallyView tally;
    const View* views[] = {&tally};
    const auto engine = open(views);
    ASSERT_TRUE(reflects(*engine, odd - 1, 120s));
    EXPECT_FALSE(reflects(*engine, odd, 50ms));
    EXPECT_EQ(engine->status().front().next_ordinal, odd);
    EXPECT_NE(engine->status().front().stopped.find("0x0399"), std::string::npos);
    ReplayRange before;
    before.to_ordinal = odd - 1;
    EXPECT_EQ(rows_of(*engine, "tally"), replay(log_, tally, before).value().rows.rows());
}

}  // namespace decklog::projections::bulk_fold_test
