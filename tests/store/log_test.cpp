#include "store/log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <map>
#include <thread>
#include <vector>

namespace decklog::store::log_test {
namespace {

std::vector<std::string> counted;
void count_line(std::string_view level) { counted.emplace_back(level); }
std::atomic<int> lines = 0;
void count_concurrently(std::string_view) { ++lines; }

using Line = std::map<std::string, std::string>;

Line read(const std::string& json) {
    Line line;
    const boost::json::value parsed = boost::json::parse(json);
    for (const auto& [key, value] : parsed.as_object()) {
        line.emplace(key, std::string(value.as_string()));
    }
    return line;
}

class Log : public testing::Test {
  protected:
    void SetUp() override {
        counted.clear();
        configure_logging("info", count_line);
    }
    void TearDown() override { configure_logging("info", nullptr); }

    template <class Work>
    static std::vector<Line> lines_of(const Work& work) {
        testing::internal::CaptureStderr();
        work();
        const std::string text = testing::internal::GetCapturedStderr();
        std::vector<Line> written;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find('\n', at);
            written.push_back(read(text.substr(at, end - at)));
            if (end == std::string::npos) break;
            at = end + 1;
        }
        return written;
    }
};

TEST_F(Log, WritesOneJsonObjectALine) {
    domain::TraceId trace;
    trace.bytes[0] = 0xAB;
    const auto written = lines_of([&] {
        log_info("ledger", trace, "opened {} frames", 3);
        log_warn("views", {}, "behind");
    });
    ASSERT_EQ(written.size(), 2U);
    EXPECT_EQ(written[0].at("level"), "info");
    EXPECT_EQ(written[0].at("logger"), "ledger");
    EXPECT_EQ(written[0].at("msg"), "opened 3 frames");
    EXPECT_EQ(written[0].at("trace"), "ab000000000000000000000000000000");
    const std::string& ts = written[0].at("ts");
    EXPECT_EQ(ts.size(), 27U);
    EXPECT_EQ(ts.back(), 'Z');
    EXPECT_EQ(written[1].at("level"), "warn");
    EXPECT_FALSE(written[1].contains("trace"));
}

TEST_F(Log, EscapesWhatWouldBreakALineOrATerminal) {
    const auto written = lines_of([] {
        log_info("ledger", {}, "{}", std::string("a\nb\r\x1b[31m\"\\\x7f\0c", 14));
        log_info("ledger", {}, "{}", "bad \xFF\xC3 and \xED\xA0\x80 end");
    });
    ASSERT_EQ(written.size(), 2U);
    EXPECT_EQ(written[0].at("msg"), std::string("a\nb\r\x1b[31m\"\\\x7f\0c", 14));
    EXPECT_EQ(written[1].at("msg"),
              "bad \xEF\xBF\xBD\xEF\xBF\xBD and \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD end");
}

TEST_F(Log, NeverReadsAMessageAsAFormat) {
    const auto written = lines_of([] { write_log(spdlog::level::info, "http", {}, "{} %s {0}"); });
    ASSERT_EQ(written.size(), 1U);
    EXPECT_EQ(written[0].at("msg"), "{} %s {0}");
}

TEST_F(Log, FiltersByLevelAndCountsOnlyWhatItWrites) {
    configure_logging("warn", count_line);
    const auto written = lines_of([] {
        log_info("ledger", {}, "quiet");
        log_warn("ledger", {}, "heard");
        log_error("hooks", {}, "loud");
    });
    EXPECT_EQ(written.size(), 2U);
    EXPECT_EQ(counted, (std::vector<std::string>{"warn", "error"}));
}

TEST_F(Log, WritesNothingWhenOffAndInfoForAnUnknownLevel) {
    configure_logging("off", count_line);
    EXPECT_TRUE(lines_of([] { log_error("ledger", {}, "silent"); }).empty());
    configure_logging("loud", count_line);
    EXPECT_EQ(lines_of([] { log_info("ledger", {}, "heard"); }).size(), 1U);
}

TEST_F(Log, KeepsLinesWholeAcrossThreads) {
    lines = 0;
    configure_logging("info", count_concurrently);
    const auto written = lines_of([] {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([t] {
                domain::TraceId trace;
                trace.bytes.fill(static_cast<std::uint8_t>(t + 1));
                for (int i = 0; i < 50; ++i) log_info("t" + std::to_string(t), trace, "line {}", i);
            });
        }
    });
    EXPECT_EQ(written.size(), 200U);
    EXPECT_EQ(lines, 200);
    for (const auto& line : written) {
        const std::string& logger = line.at("logger");
        EXPECT_EQ(line.at("trace").at(1), static_cast<char>(logger[1] + 1));
    }
}

}  // namespace
}  // namespace decklog::store::log_test
