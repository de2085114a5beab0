#include "tools/decklog/lines.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace decklog::cli::lines_test {

std::vector<std::string> lines_of(const std::string& body, std::size_t piece) {
    std::vector<std::string> lines;
    LineSplitter splitter([&lines](std::string_view line) { lines.emplace_back(line); });
    for (std::size_t at = 0; at < body.size(); at += piece)
        splitter.feed(std::string_view(body).substr(at, piece));
    splitter.finish();
    return lines;
}

TEST(LineSplitterTest, EndsLinesWithAndWithoutCarriageReturn) {
    EXPECT_EQ(lines_of("a\r\nb\n\nc", 100), (std::vector<std::string>{"a", "b", "", "c"}));
}

RC_GTEST_PROP(LineSplitterTest, HowTheBodyWasCutDoesNotShow,
              (const std::vector<std::string>& parts)) {
    std::string body;
    for (const std::string& part : parts) body += part + "\n";
    const auto piece = *rc::gen::inRange<std::size_t>(1, 7);
    RC_ASSERT(lines_of(body, piece) == lines_of(body, body.size() + 1));
}

}  // namespace decklog::cli::lines_test
