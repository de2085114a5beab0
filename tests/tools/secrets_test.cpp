// Which variables are secrets, and that no split of the text shows one.
#include "tools/decklog/secrets.hpp"

#include <gtest/gtest.h>

#include "tools/decklog/output_record.hpp"

namespace decklog::cli::secrets_test {

/// In pieces of `size` bytes.
std::string masked(const std::vector<std::string>& secrets, const std::string& text,
                   std::size_t size) {
    SecretMask mask(secrets);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size) out += mask.feed(text.substr(at, size));
    return out + mask.finish();
}

TEST(Secrets, AreKnownByTheEndOfTheirName) {
    for (const char* name : {"DECKLOG_TOKEN", "better_auth_secret", "SPAREROOM_PASSWORD",
                             "GOOGLE_GENERATIVE_AI_API_KEY", "Key", "TOKEN"})
        EXPECT_TRUE(is_secret_name(name)) << name;
    for (const char* name : {"PATH", "TOKEN_FILE", "KEYS", "KUBECONFIG", "PASSWORD_HINT", ""})
        EXPECT_FALSE(is_secret_name(name)) << name;
}

TEST(Secrets, AreTakenOutOfTheEnvironment) {
    const Environment environment =
        without_secrets({"PATH=/bin", "A_TOKEN=t=1", "KUBECONFIG=/k", "pg_password=p", "ODD"});
    EXPECT_EQ(environment.kept, (std::vector<std::string>{"PATH=/bin", "KUBECONFIG=/k", "ODD"}));
    EXPECT_EQ(environment.secrets, (std::vector<std::string>{"t=1", "p"}));
}

TEST(SecretMask, HidesASecretHoweverItIsSplit) {
    const std::string text = "user:hunter2@host, again hunter2hunter2, not hunter1; hunter2";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        EXPECT_EQ(masked({"hunter2"}, text, size), "user:***@host, again ***, not hunter1; ***")
            << size;
    }
}

TEST(SecretMask, HidesSecretsThatOverlapOrBeginAlike) {
    const std::vector<std::string> secrets{"abc", "cde", "abcxyz", "aa"};
    const std::pair<const char*, const char*> cases[] = {
        {"-abcde-", "-***-"}, {"-abcxyz-", "-***-"},  {"-abcxy-", "-***xy-"},
        {"-aaaaa-", "-***-"}, {"-ab cd-", "-ab cd-"}, {"a", "a"}};
    for (const auto& [text, expected] : cases) {
        for (std::size_t size = 1; size <= 7; ++size)
            EXPECT_EQ(masked(secrets, text, size), expected) << text << " by " << size;
        EXPECT_EQ(SecretMask(secrets).whole(text), expected);
    }
}

TEST(SecretMask, TakesNoWhiteSpaceAndNothingForASecret) {
    EXPECT_EQ(masked({"", " \n", "pass word\n"}, "the pass word is out", 3), "the *** is out");
}

TEST(SecretMask, HoldsBackLessThanASecretHoweverMuchComes) {
    SecretMask mask({"aaaaaaaa"});
    std::size_t shown = 0;
    for (int i = 0; i < 1000; ++i) shown += mask.feed(std::string(1000, 'a')).size();
    EXPECT_EQ(shown, kMask.size()) << "one long secret, told once";
    EXPECT_LE(mask.feed("b").size(), 8U);
    EXPECT_EQ(mask.feed("plain"), "plain");
}

TEST(OutputRecord, KeepsTheBeginningInWholeCharacters) {
    OutputRecord whole(8);
    whole.add("1234");
    whole.add("5678");
    EXPECT_EQ(whole.text(), "12345678");
    EXPECT_FALSE(whole.is_cut());
    whole.add("9");
    EXPECT_EQ(whole.text(), "12345678");
    EXPECT_TRUE(whole.is_cut());
    OutputRecord split(8);
    split.add("1234567\xc3");
    split.add("\xa4 and more and more");
    EXPECT_EQ(split.text(), "1234567") << "no half of a character";
    EXPECT_TRUE(split.is_cut());
}

TEST(OutputRecord, PutsAMarkWhereBytesAreNoText) {
    OutputRecord record(64);
    record.add("a\xff");
    record.add("\xc3");
    record.add("\xa4z\x1b");
    EXPECT_EQ(record.text(), "a\xef\xbf\xbd\xc3\xa4z\x1b");
    OutputRecord bytes(64 * 1024);
    for (int i = 0; i < 100; ++i) bytes.add(std::string(10'000, '\xff'));
    EXPECT_LE(bytes.text().size(), 64U * 1024);
    EXPECT_GT(bytes.text().size(), 64U * 1024 - 4);
    EXPECT_TRUE(bytes.is_cut());
}

}  // namespace decklog::cli::secrets_test
