#include "domain/worker/worker.hpp"

#include <gtest/gtest.h>

#include "tests/domain/given.hpp"

namespace decklog::domain::worker_test {

constexpr std::int64_t kNow = 1'700'000'000'000'000;

WorkerReport report() {
    WorkerReport report;
    report.worker = "worker-1";
    report.release = "2026.11.25";
    report.provider = "gemini";
    report.runtime = "playwright";
    report.queue_depth = 3;
    return report;
}

TEST(WorkerReported, KeepsReleaseInTheEnvelopeAndComesBackWhole) {
    WorkerReport sent = report();
    sent.error_hash.emplace().fill(0x5A);
    NewEvent envelope;
    envelope.recorded_by = "token:t1";
    const auto event = worker_reported(sent, envelope);
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->type, EventType::worker_reported);
    EXPECT_EQ(event->stream, "worker/worker-1");
    EXPECT_EQ(event->release, "2026.11.25");
    EXPECT_EQ(event->recorded_by, "token:t1");
    const auto read = worker_report_in(StoredEvent(*event).view());
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->worker, "worker-1");
    EXPECT_EQ(read->provider, "gemini");
    EXPECT_EQ(read->runtime, "playwright");
    EXPECT_EQ(read->queue_depth, 3U);
    EXPECT_EQ(read->error_hash, sent.error_hash);
}

TEST(WorkerReported, RefusesWhatIsNoName) {
    const auto refused = [](auto change, const char* field) {
        WorkerReport bad = report();
        change(bad);
        const auto event = worker_reported(bad, {});
        ASSERT_FALSE(event.has_value()) << field;
        EXPECT_EQ(event.error().code, "invalid_name");
        EXPECT_EQ(event.error().field, field);
        EXPECT_EQ(event.error().limit, 128);
    };
    refused([](auto& r) { r.worker = "a/b"; }, "worker");
    refused([](auto& r) { r.release = ""; }, "release");
    refused([](auto& r) { r.provider = std::string(129, 'a'); }, "provider");
    refused([](auto& r) { r.runtime = "-x"; }, "runtime");
}

TEST(WorkerReport, OfAnotherQueueIsNewsAfterTenSeconds) {
    const WorkerReport last = report();  // 3 wait
    const auto is_news_of = [&last](std::uint64_t depth, std::int64_t later_us) {
        WorkerReport next = last;
        next.queue_depth = depth;
        return is_news(next, last, kNow, kNow + later_us);
    };
    EXPECT_FALSE(is_news_of(99, 9'999'999));
    EXPECT_TRUE(is_news_of(99, 10'000'000));
    EXPECT_TRUE(is_news_of(13, 10'000'000));
    EXPECT_FALSE(is_news_of(12, 59'999'999)) << "by less than 10 items";
    EXPECT_FALSE(is_news_of(0, 59'999'999));
    WorkerReport many = report();
    many.queue_depth = 100;
    WorkerReport less = many;
    less.queue_depth = 51;
    EXPECT_FALSE(is_news(less, many, kNow, kNow + 59'999'999)) << "not halved";
    less.queue_depth = 50;
    EXPECT_TRUE(is_news(less, many, kNow, kNow + 10'000'000));
}

TEST(WorkerReport, IsNewsWhenAnythingButTheQueueChanged) {
    const WorkerReport last = report();
    WorkerReport same = report();
    same.queue_depth = 12;
    EXPECT_FALSE(is_news(same, last, kNow, kNow + kWorkerReportEveryUs - 1));
    const auto changed = [&last](auto change) {
        WorkerReport next = report();
        change(next);
        return is_news(next, last, kNow, kNow);
    };
    EXPECT_TRUE(changed([](auto& r) { r.release = "r2"; }));
    EXPECT_TRUE(changed([](auto& r) { r.provider = "heuristic"; }));
    EXPECT_TRUE(changed([](auto& r) { r.runtime = "mock"; }));
    EXPECT_TRUE(changed([](auto& r) { r.error_hash.emplace(); }));
}

TEST(WorkerReport, IsNewsAfterAMinute) {
    EXPECT_TRUE(is_news(report(), report(), kNow, kNow + kWorkerReportEveryUs));
}

}  // namespace decklog::domain::worker_test
