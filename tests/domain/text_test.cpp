#include "domain/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace decklog::domain::text_test {

using namespace std::string_view_literals;

TEST(Text, AcceptsWellFormedUtf8) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("plain"));
    EXPECT_TRUE(is_utf8("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x8A"));
    EXPECT_TRUE(is_utf8("\xF4\x8F\xBF\xBF"));  // U+10FFFF
}

TEST(Text, RefusesBytesThatAreNotUtf8) {
    for (const std::string_view text :
         {"\x80"sv, "\xC3"sv, "\xC3("sv, "\xC0\xAF"sv, "\xE0\x80\xAF"sv, "\xF0\x80\x80\x80"sv,
          "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv, "\xF8\x88\x80\x80\x80"sv, "\xFF"sv,
          "ok\xE2\x82"sv}) {
        EXPECT_FALSE(is_utf8(text));
        EXPECT_FALSE(is_outside_id(text));
    }
}

TEST(Text, AcceptsIdsOfOneToTwoHundredBytes) {
    EXPECT_TRUE(is_outside_id("7"));
    EXPECT_TRUE(is_outside_id("lead 42 / \xC3\xBC"));
    EXPECT_TRUE(is_outside_id(std::string(200, 'x')));
    EXPECT_FALSE(is_outside_id(""));
    EXPECT_FALSE(is_outside_id(std::string(201, 'x')));
}

TEST(Text, RefusesControlCharactersInIds) {
    for (const std::string_view text :
         {"a\nb"sv, "a\0b"sv, "\x1F"sv, "\x7F"sv, "\xC2\x80"sv, "\xC2\x9F"sv}) {
        EXPECT_FALSE(is_outside_id(text));
    }
    EXPECT_TRUE(is_outside_id("\xC2\xA0"));
}

TEST(Text, HoldsNamesToTheirPattern) {
    for (const std::string_view name : {"a", "9", "ci-2026.11:blue_x"}) {
        EXPECT_TRUE(is_name(name)) << name;
    }
    EXPECT_TRUE(is_name(std::string(128, 'n')));
    EXPECT_FALSE(is_name(std::string(129, 'n')));
    for (const std::string_view name : {"", "-a", ".a", "_a", "a b", "a/b", "\xC3\xBC", "a\n"}) {
        EXPECT_FALSE(is_name(name)) << name;
    }
}

TEST(Text, HoldsWorkspacesToTheirPattern) {
    EXPECT_TRUE(is_workspace("default"));
    EXPECT_TRUE(is_workspace(std::string(64, 'w')));
    EXPECT_FALSE(is_workspace(std::string(65, 'w')));
    for (const std::string_view name : {"", "Default", "a_b", "a.b", "a/b"}) {
        EXPECT_FALSE(is_workspace(name)) << name;
    }
}

}  // namespace decklog::domain::text_test
