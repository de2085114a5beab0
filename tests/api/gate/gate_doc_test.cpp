// docs/gate.md shows every key with its default.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "api/gate/policy_file.hpp"
#include "domain/gate/profiles.hpp"

namespace decklog::api::gate_doc_test {

std::string policy_in_doc() {
    std::ifstream file(std::string(DECKLOG_SOURCE_DIR) + "/docs/gate.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string fence = "```toml\n";
    const auto begin = text.find(fence) + fence.size();
    return text.substr(begin, text.find("```", begin) - begin);
}

TEST(GateDoc, ItsPolicyIsTheDefaultWithOneStreamWrittenOut) {
    const std::string text = policy_in_doc();
    const auto policy = parse_policy(text);
    ASSERT_TRUE(policy) << policy.error().message;
    ASSERT_EQ(policy->streams.size(), 1U);
    domain::gate::StreamPolicy stream{
        .action = "ai_reply_error", .platform = "roomies", .attempts = {"ai_reply_decision"}};
    domain::gate::Policy expected = domain::gate::default_policy();
    expected.streams = {stream};
    EXPECT_EQ(*policy, expected);
}

TEST(GateDoc, ItsPolicyNamesEveryKey) {
    const std::string text = policy_in_doc();
    const auto policy = parse_policy(text);
    ASSERT_TRUE(policy);
    const std::string canonical = domain::gate::canonical_text(*policy);
    for (std::size_t begin = 0; begin < canonical.size(); begin = canonical.find('\n', begin) + 1) {
        const auto end = canonical.find(" = ", begin);
        if (end == std::string::npos || end > canonical.find('\n', begin)) continue;
        const std::string key = "\n" + canonical.substr(begin, end - begin) + " = ";
        EXPECT_NE(text.find(key), std::string::npos) << key;
    }
}

}  // namespace decklog::api::gate_doc_test
