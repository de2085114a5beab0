#include "store/json/canonical_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "store/json/json_string.hpp"

namespace decklog::store::canonical_json_test {
namespace {

std::string canonical(std::string_view text) {
    const auto result = canonical_json(text, 32);
    return result ? *result : "refused: " + result.error().code;
}

std::string code(std::string_view text, std::size_t depth_max = 32) {
    const auto result = canonical_json(text, depth_max);
    return result ? "accepted" : result.error().code;
}

TEST(CanonicalJson, SortsKeysAndDropsSpace) {
    EXPECT_EQ(canonical(" { \"b\" : [ 1 , 2 ] ,\n\"a\" : { \"d\":null, \"c\":true } } "),
              R"({"a":{"c":true,"d":null},"b":[1,2]})");
    EXPECT_EQ(canonical("[]"), "[]");
    EXPECT_EQ(canonical("{}"), "{}");
    EXPECT_EQ(canonical(" \"alone\" "), "\"alone\"");
    EXPECT_EQ(canonical("false"), "false");
}

TEST(CanonicalJson, SortsKeysByTheirBytesNotTheirEscapes) {
    EXPECT_EQ(canonical(R"({"\u007a":1,"a":2})"), R"({"a":2,"z":1})");
    // U+FFFD sorts before U+1F600 by UTF-8 bytes, after it by UTF-16 units.
    EXPECT_EQ(canonical("{\"\\ud83d\\ude00\":1,\"\xEF\xBF\xBD\":2}"),
              "{\"\xEF\xBF\xBD\":2,\"\xF0\x9F\x98\x80\":1}");
}

TEST(CanonicalJson, KeepsNumbersAsWritten) {
    const std::string numbers =
        "[1,1.0,1.10,1e0,1E+0,-0,0.0,-0.0,123456789012345678901234567890,1e400,"
        "0.1000000000000000055511151231257827,9007199254740993,18446744073709551616,-"
        "9223372036854775809]";
    EXPECT_EQ(canonical(numbers), numbers);
}

TEST(CanonicalJson, WritesEqualStringsAlike) {
    EXPECT_EQ(canonical(R"("\u0041\/\u00e9")"), "\"A/\xC3\xA9\"");
    EXPECT_EQ(canonical(R"("\u000a\u0022\u005c")"), R"("\n\"\\")");
    EXPECT_EQ(canonical(R"("\u0001\u007F\u0085")"), R"("\u0001\u007f\u0085")");
    EXPECT_EQ(canonical("\"\xF0\x9F\x98\x80\""), canonical(R"("\uD83D\uDE00")"));
    EXPECT_EQ(canonical(R"("\u0000")"), R"("\u0000")");
}

TEST(CanonicalJson, DoesNotNormaliseUnicode) {
    EXPECT_NE(canonical("\"\xC3\xA9\""), canonical("\"e\xCC\x81\""));
}

TEST(CanonicalJson, RefusesDuplicateKeysAndNamesThem) {
    const auto result =
        canonical_json(R"([{"details":{"list":[0,{"a":1,"b":2,"\u0061":3}]}}])", 32);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "duplicate_key");
    EXPECT_EQ(result.error().field, "0.details.list.1.a");
    EXPECT_EQ(code(R"({"a":1,"b":{},"a":1})"), "duplicate_key");
    EXPECT_EQ(code(R"({"":1,"":1})"), "duplicate_key");
    EXPECT_EQ(code(R"({"a":{"x":1},"b":{"x":1}})"), "accepted");
}

TEST(CanonicalJson, CutsTheFieldOfALongDuplicateKey) {
    std::string key;
    for (int i = 0; i < 200; ++i) key += "\xC3\xA9";
    const auto result = canonical_json("{\"" + key + "\":1,\"" + key + "\":2}", 32);
    ASSERT_FALSE(result);
    EXPECT_LE(result.error().field.size(), 131U);
    EXPECT_TRUE(result.error().field.ends_with("\xC3\xA9…"));
}

TEST(CanonicalJson, LimitsDepth) {
    EXPECT_EQ(code("[[[]]]", 3), "accepted");
    const auto result = canonical_json("[[[{}]]]", 3);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "json_too_deep");
    EXPECT_EQ(result.error().limit, 3);
    EXPECT_EQ(code(std::string(100'000, '[')), "json_too_deep");
}

TEST(CanonicalJson, RefusesWhatIsNotJson) {
    for (const std::string_view text : {"",
                                        " ",
                                        "{",
                                        "[1,]",
                                        "{\"a\":1,}",
                                        "{'a':1}",
                                        "// c\n1",
                                        "/* c */ 1",
                                        "01",
                                        "+1",
                                        "1.",
                                        ".5",
                                        "1e",
                                        "-",
                                        "NaN",
                                        "Infinity",
                                        "tru",
                                        "nul",
                                        "1 2",
                                        "{} {}",
                                        "[1}",
                                        "\"a",
                                        "\"\t\"",
                                        "\"\\x41\"",
                                        "\"\\u12\"",
                                        "\xEF\xBB\xBF{}",
                                        "{\"a\"}",
                                        "{1:2}",
                                        "[\"a\"\"b\"]"}) {
        EXPECT_EQ(code(text), "invalid_json") << text;
    }
    EXPECT_EQ(code(std::string_view("1\0", 2)), "invalid_json");
}

TEST(CanonicalJson, RefusesBrokenUnicode) {
    for (const std::string_view text :
         {"\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"", "{\"\\ud800\":1}",
          "\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xE2\x82\"", "\"\xF4\x90\x80\x80\"",
          "\"\x80\"", "{\"\xC3\":1}"}) {
        EXPECT_EQ(code(text), "invalid_json") << text;
    }
}

TEST(CanonicalJson, NeverQuotesTheTextInARefusal) {
    const auto result = canonical_json(R"({"password":"hunter2" oops})", 32);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message.find("hunter2"), std::string::npos);
    EXPECT_EQ(result.error().message.find("oops"), std::string::npos);
}

// ---- random values ----

std::string random_key() {
    return *rc::gen::resize(4, rc::gen::container<std::string>(rc::gen::element(
                                   'a', 'b', 'Z', '.', '\\', '"', '\n', '\x7f', ' ')));
}

/// Writes one value twice: members in two orders, strings with different escapes, spaces here and
/// there.
struct Twice {
    std::string one, two;
};

void append_two_ways(Twice& out, const std::string& text) {
    append_json_string(out.one, text);
    out.two += '"';
    static constexpr char kDigits[] = "0123456789ABCDEF";
    for (const char c : text) {
        out.two += "\\u00";
        out.two += kDigits[static_cast<unsigned char>(c) >> 4U];
        out.two += kDigits[static_cast<unsigned char>(c) & 0x0FU];
    }
    out.two += '"';
}

Twice random_value(int depth);

Twice random_object(int depth) {
    const auto keys =
        *rc::gen::resize(4, rc::gen::unique<std::vector<std::string>>(rc::gen::exec(random_key)));
    std::vector<Twice> members;
    for (const std::string& key : keys) {
        Twice member;
        append_two_ways(member, key);
        const Twice value = random_value(depth - 1);
        member.one += ":" + value.one;
        member.two += " : " + value.two;
        members.push_back(member);
    }
    Twice out{"{", "{ "};
    for (std::size_t i = 0; i < members.size(); ++i) {
        out.one += (i > 0 ? "," : "") + members[i].one;
        out.two += (i > 0 ? " ,\t" : "") + members[members.size() - 1 - i].two;
    }
    return {out.one + "}", out.two + "\n}"};
}

Twice random_array(int depth) {
    Twice out{"[", "["};
    const int size = *rc::gen::inRange(0, 4);
    for (int i = 0; i < size; ++i) {
        const Twice item = random_value(depth - 1);
        out.one += (i > 0 ? "," : "") + item.one;
        out.two += (i > 0 ? " , " : " ") + item.two;
    }
    return {out.one + "]", out.two + "]"};
}

Twice random_value(int depth) {
    const int kind = *rc::gen::inRange(0, depth > 0 ? 5 : 3);
    if (kind == 3) return random_object(depth);
    if (kind == 4) return random_array(depth);
    if (kind == 0) {
        const std::string token = *rc::gen::element<std::string>(
            "0", "-1.50", "1e9", "true", "false", "null", "12345678901234567890123");
        return {token, token};
    }
    Twice text;
    append_two_ways(text, random_key());
    return text;
}

RC_GTEST_PROP(CanonicalJsonProperty, IsOneTextForOneValueAndItsOwnCanonicalForm, ()) {
    const Twice value = random_value(4);
    const auto one = canonical_json(value.one, 32);
    const auto two = canonical_json(value.two, 32);
    RC_ASSERT(one.has_value());
    RC_ASSERT(two.has_value());
    RC_ASSERT(*one == *two);
    RC_ASSERT(*canonical_json(*one, 32) == *one);
    boost::json::error_code error;
    RC_ASSERT(boost::json::parse(*one, error) == boost::json::parse(value.one, error));
}

RC_GTEST_PROP(CanonicalJsonProperty, SurvivesAnyBytes, ()) {
    const std::string junk = *rc::gen::container<std::string>(rc::gen::oneOf(
        rc::gen::arbitrary<char>(), rc::gen::element('{', '}', '[', ']', '"', '\\', 'u', ',', ':',
                                                     '0', 'd', '8', '-', 'e', '.', 'n', ' ')));
    const auto result = canonical_json(junk, 8);
    if (result) RC_ASSERT(*canonical_json(*result, 8) == *result);
    (void)json_array_items(junk, 8);
    (void)json_leaves(junk, 8);
    (void)json_token_at(junk, "a.b");
    std::string quoted;
    append_json_string(quoted, junk);
    RC_ASSERT(canonical_json(quoted, 1).has_value());
}

// ---- parts as written ----

TEST(JsonTokenAt, ReturnsTheTextAsWritten) {
    const std::string text =
        R"( { "a" : { "b\u002fc" : [1.10 , "]" ], "s":"x\"}" }, "n" : 1.50 , "t":true} )";
    EXPECT_EQ(json_token_at(text, "n"), "1.50");
    EXPECT_EQ(json_token_at(text, "a.s"), R"("x\"}")");
    EXPECT_EQ(json_token_at(text, "a.b/c"), R"([1.10 , "]" ])");
    EXPECT_EQ(json_token_at(text, "a"), R"({ "b\u002fc" : [1.10 , "]" ], "s":"x\"}" })");
    EXPECT_EQ(json_token_at(text, "t"), "true");
    EXPECT_TRUE(json_token_at(text, "a.missing").empty());
    EXPECT_TRUE(json_token_at(text, "n.deeper").empty());
    EXPECT_TRUE(json_token_at("[1]", "0").empty());
    EXPECT_TRUE(json_token_at(R"({"a.b":1})", "a.b").empty());
}

TEST(JsonArrayItems, ReturnsEachItemAsWritten) {
    const std::string text = R"( [ {"a": 1.0} , "x,]" ,[ ] , null,-2e5 ] )";
    const auto items = json_array_items(text, 32);
    ASSERT_TRUE(items);
    EXPECT_EQ(*items,
              (std::vector<std::string_view>{R"({"a": 1.0})", R"("x,]")", "[ ]", "null", "-2e5"}));
    EXPECT_TRUE(json_array_items(" [ ] ", 32)->empty());
}

TEST(JsonArrayItems, RefusesWhatIsNoArray) {
    EXPECT_EQ(json_array_items("{}", 32).error().code, "invalid_json");
    EXPECT_EQ(json_array_items("[1", 32).error().code, "invalid_json");
    EXPECT_EQ(json_array_items("[[[]]]", 2).error().code, "json_too_deep");
}

using Leaves = std::vector<std::pair<std::string, std::string_view>>;

TEST(JsonLeaves, ListsPathsAndTokensInOrder) {
    EXPECT_EQ(
        json_leaves(R"({"z":1.0,"decision":{"code":"no","next":{}},"list":[{"a":1}],"e":null})", 8),
        (Leaves{{"z", "1.0"},
                {"decision.code", "\"no\""},
                {"decision.next", "{}"},
                {"list", R"([{"a":1}])"},
                {"e", "null"}}));
    EXPECT_TRUE(json_leaves("[1]", 8).empty());
    EXPECT_TRUE(json_leaves("\"text\"", 8).empty());
}

TEST(JsonLeaves, StopsAtTheDepthGiven) {
    EXPECT_EQ(json_leaves(R"({"a":{"b":{"c":1}}})", 2), (Leaves{{"a.b", R"({"c":1})"}}));
}

TEST(JsonLeaves, NeverConfusesAKeyWithNesting) {
    EXPECT_EQ(
        json_leaves(
            R"({"decision.code":1,"decision":{"a.b":2,"":3},"\u0061":4,"[\"a\"]":5,"a\u0001":6})",
            8),
        (Leaves{{R"(["decision.code"])", "1"},
                {R"(["decision","a.b"])", "2"},
                {R"(["decision",""])", "3"},
                {"a", "4"},
                {R"(["[\"a\"]"])", "5"},
                {R"(["a\u0001"])", "6"}}));
}

}  // namespace
}  // namespace decklog::store::canonical_json_test
