#include "domain/base64.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace decklog::domain::base64_test {

std::string encoded(std::string_view text) {
    std::string out;
    append_base64(out, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    return out;
}

TEST(Base64, EncodesTheVectorsOfTheStandard) {
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg==");
    EXPECT_EQ(encoded("fo"), "Zm8=");
    EXPECT_EQ(encoded("foo"), "Zm9v");
    EXPECT_EQ(encoded("foob"), "Zm9vYg==");
    EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
    EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encoded("\xff\xfe\xfb"), "//77");
}

RC_GTEST_PROP(Base64, ComesBackAsItWas, (const std::vector<std::uint8_t>& bytes)) {
    std::string text = "before";
    append_base64(text, bytes);
    RC_ASSERT(from_base64(std::string_view(text).substr(6)) == bytes);
}

RC_GTEST_PROP(Base64, HasOneSpelling, (const std::string& text)) {
    const auto bytes = from_base64(text);
    if (!bytes) return;
    std::string again;
    append_base64(again, *bytes);
    RC_ASSERT(again == text);
}

TEST(Base64, RefusesEverythingElse) {
    for (const char* text : {"Zg", "Zg=", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm9-",
                             "====", "Z===", "=AAA", "Zm9v=", "Zm\xc3\xa9="}) {
        EXPECT_FALSE(from_base64(text).has_value()) << text;
    }
}

}  // namespace decklog::domain::base64_test
