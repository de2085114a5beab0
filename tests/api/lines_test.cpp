// Bodies read line by line: splitting, groups, backpressure, what ends them.
#include <gtest/gtest.h>

#include <mutex>

#include "api/line_splitter.hpp"
#include "tests/api/support/running_server.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::lines_test {

using namespace decklog::api::testing;

std::vector<std::string> split(std::string_view body, std::size_t piece,
                               LineSplitter::Limits limits = {}) {
    LineSplitter splitter(limits);
    std::vector<std::string> lines;
    const auto drain = [&] {
        for (auto& line : splitter.take_group()) lines.push_back(std::move(line));
    };
    while (!body.empty()) {
        std::string_view part = body.substr(0, piece);
        body.remove_prefix(part.size());
        while (!part.empty()) {
            part.remove_prefix(splitter.take(part));
            if (splitter.is_group_full()) drain();
        }
    }
    splitter.end();
    drain();
    return lines;
}

TEST(LineSplitter, CutsTheSameLinesHoweverTheBodyArrives) {
    const std::string body = "one\ntwo\r\n\nfour";
    const std::vector<std::string> want{"one", "two", "", "four"};
    for (std::size_t piece = 1; piece <= body.size(); ++piece)
        EXPECT_EQ(split(body, piece), want) << piece;
}

TEST(LineSplitter, KeepsALongLineCutAndGoesOn) {
    LineSplitter::Limits limits;
    limits.line_bytes = 4;
    for (std::size_t piece = 1; piece <= 20; ++piece) {
        EXPECT_EQ(split("1234\r\n12345\n123456789\nab", piece, limits),
                  (std::vector<std::string>{"1234", "12345", "12345", "ab"}));
    }
}

TEST(LineSplitter, EndsAGroupByLinesOrBytes) {
    LineSplitter::Limits limits;
    limits.group_lines = 2;
    LineSplitter splitter(limits);
    EXPECT_EQ(splitter.take("a\nb\nc\n"), 4U);
    EXPECT_TRUE(splitter.is_group_full());
    EXPECT_EQ(splitter.take_group(), (std::vector<std::string>{"a", "b"}));
    limits.group_bytes = 3;
    LineSplitter heavy(limits);
    EXPECT_EQ(heavy.take("abc\nd\n"), 4U);
    EXPECT_TRUE(heavy.is_group_full());
}

/// What a sink was given. A test may hold back `more`.
struct Log {
    std::mutex mutex;
    std::vector<std::size_t> groups;
    std::size_t lines = 0;
    std::string last;
    std::function<void()> held;
    bool holds = false;
    bool is_gone = false;
};

class LoggingSink final : public LineSink {
  public:
    explicit LoggingSink(std::shared_ptr<Log> log) : log_(std::move(log)) {}
    ~LoggingSink() override {
        const std::lock_guard lock(log_->mutex);
        log_->is_gone = true;
    }
    void lines(std::vector<std::string> lines, std::function<void()> more) override {
        const std::lock_guard lock(log_->mutex);
        log_->groups.push_back(lines.size());
        log_->lines += lines.size();
        log_->last = lines.back();
        if (log_->holds) {
            log_->held = std::move(more);
        } else {
            more();
        }
    }
    void finish(Reply reply) override {
        const std::lock_guard lock(log_->mutex);
        Answer answer;
        answer.body = std::to_string(log_->lines);
        reply(std::move(answer));
    }

  private:
    std::shared_ptr<Log> log_;
};

class LinesTest : public ::testing::Test {
  protected:
    LinesTest() {
        Route route = echo_route(Method::post, "/api/lines", 100);
        route.handle_lines = [log = log_](const Request&) {
            return std::make_unique<LoggingSink>(log);
        };
        app_.add(std::move(route));
        running_ = std::make_unique<RunningServer>(app_);
    }
    static std::string head(std::string_view length) {
        return request("POST", "/api/lines",
                       "Content-Type: application/x-ndjson\r\n" + std::string(length) + "\r\n");
    }
    Response post(const std::string& body) {
        return once(running_->port(),
                    head("Content-Length: " + std::to_string(body.size())) + body);
    }
    template <class Condition>
    static bool soon(Condition condition) {
        for (int i = 0; i < 500 && !condition(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return condition();
    }

    std::shared_ptr<Log> log_ = std::make_shared<Log>();
    SmallApp app_;
    std::unique_ptr<RunningServer> running_;
};

TEST_F(LinesTest, HandsOverGroupsOfAThousand) {
    std::string body;
    for (int i = 0; i < 2'500; ++i) body += "{\"i\":" + std::to_string(i) + "}\n";
    const Response response = post(body);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "2500");
    EXPECT_EQ(log_->groups, (std::vector<std::size_t>{1'000, 1'000, 500}));
    EXPECT_EQ(log_->last, "{\"i\":2499}");
}

TEST_F(LinesTest, TakesExactlyOneGroup) {
    std::string body;
    for (int i = 0; i < 1'000; ++i) body += "x\n";
    body.pop_back();
    EXPECT_EQ(post(body).body, "1000");
    EXPECT_EQ(log_->lines, 1'000U);
    for (const std::size_t group : log_->groups) EXPECT_LE(group, limits::kNdjsonGroupLines);
}

TEST_F(LinesTest, TakesMoreThanOneBodyLimit) {
    EXPECT_EQ(post(std::string(50'000, '\n')).body, "50000");
}

TEST_F(LinesTest, TakesAChunkedBodyAndALastLineWithoutItsEnd) {
    const Response response = once(running_->port(), head("Transfer-Encoding: chunked") +
                                                         "3\r\na\nb\r\n4\r\nc\nde\r\n0\r\n\r\n");
    EXPECT_EQ(response.body, "3");
    EXPECT_EQ(log_->last, "de");
}

TEST_F(LinesTest, TakesAnEmptyBody) {
    EXPECT_EQ(once(running_->port(), head("Content-Length: 0")).status, 200);
}

TEST_F(LinesTest, CutsALongLineByOneByteTooMany) {
    EXPECT_EQ(post(std::string(300'000, 'x') + "\nshort\n").body, "2");
    EXPECT_EQ(post(std::string(300'000, 'x')).status, 200);
    EXPECT_EQ(log_->last.size(), limits::kNdjsonLineBytesMax + 1);
}

TEST_F(LinesTest, ReadsNoFurtherThanItIsAskedFor) {
    log_->holds = true;
    RawClient client(running_->port());
    const std::string group(2'000, '\n');
    client.send(head("Content-Length: 6000") + group + group + group);
    EXPECT_TRUE(soon([this] {
        const std::lock_guard lock(log_->mutex);
        return log_->lines == 1'000;
    }));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::function<void()> more;
    {
        const std::lock_guard lock(log_->mutex);
        EXPECT_EQ(log_->lines, 1'000U);
        log_->holds = false;
        more = std::move(log_->held);
    }
    more();
    EXPECT_EQ(client.receive().body, "6000");
}

TEST_F(LinesTest, ForgetsWhatWasNotFinished) {
    {
        RawClient client(running_->port());
        client.send(head("Content-Length: 5000") + std::string(2'000, '\n'));
        EXPECT_TRUE(soon([this] {
            const std::lock_guard lock(log_->mutex);
            return log_->lines == 2'000 || log_->lines == 1'000;
        }));
    }
    EXPECT_TRUE(soon([this] {
        const std::lock_guard lock(log_->mutex);
        return log_->is_gone;
    }));
}

}  // namespace decklog::api::lines_test
