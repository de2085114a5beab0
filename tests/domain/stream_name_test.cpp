#include "domain/stream_name.hpp"

#include <gtest/gtest.h>

#include <map>

namespace decklog::domain::stream_name_test {

/// A perfect digest for tests: numbers texts in the order it meets them.
class Numbering {
  public:
    Digest digest() {
        return [this](std::string_view text) {
            const auto number = seen_.emplace(std::string(text), seen_.size() + 1).first->second;
            Bytes16 bytes{};
            bytes[15] = static_cast<std::uint8_t>(number);
            return bytes;
        };
    }

  private:
    std::map<std::string, std::size_t> seen_;
};

TEST(StreamName, JoinsShortParts) {
    Numbering numbers;
    EXPECT_EQ(audit_stream("request", "GET /api/units", numbers.digest()),
              "audit/request/GET /api/units");
    EXPECT_EQ(external_stream("/lease/api", numbers.digest()), "ext//lease/api");
    EXPECT_EQ(token_stream("a1"), "token/a1");
    EXPECT_EQ(message_stream("m"), "message/m");
    EXPECT_EQ(appointment_stream("a"), "appointment/a");
}

TEST(StreamName, CarriesADigestPast256Bytes) {
    Numbering numbers;
    const std::string fits(250, 'x');
    EXPECT_EQ(external_stream(fits + "yz", numbers.digest()).size(), 256U);
    EXPECT_EQ(external_stream(fits + "xyz", numbers.digest()),
              "ext/h_00000000000000000000000000000001");
    EXPECT_EQ(external_stream(fits + "xyZ", numbers.digest()),
              "ext/h_00000000000000000000000000000002");
    EXPECT_EQ(external_stream(fits + "xyz", numbers.digest()),
              "ext/h_00000000000000000000000000000001");
}

TEST(StreamName, NeverNamesTwoAggregatesAlike) {
    Numbering numbers;
    const auto left = audit_stream("a/b", "c", numbers.digest());
    const auto right = audit_stream("a", "b/c", numbers.digest());
    EXPECT_NE(left, right);
    EXPECT_EQ(right, "audit/a/b/c");
    const std::string forged = "h_00000000000000000000000000000001";
    EXPECT_NE(external_stream(forged, numbers.digest()), "ext/" + forged);
    EXPECT_NE(external_stream("h_x", numbers.digest()), external_stream("h_y", numbers.digest()));
}

}  // namespace decklog::domain::stream_name_test
