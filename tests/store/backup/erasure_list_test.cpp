#include "store/backup/erasure_list.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "tests/store/temporary_directory.hpp"

namespace decklog::store {
namespace erasure_list_test {

constexpr std::int64_t kAt = 1'800'000'000'000'000;

ListedErasure erasure(std::uint8_t who, std::string reason = "asked") {
    ListedErasure made{{}, kAt, std::move(reason)};
    made.subject.bytes.fill(who);
    return made;
}

class ErasureList : public testing::Test {
  protected:
    ErasureList() { EXPECT_TRUE(create_erasure_list(list_)); }
    domain::Result<void> append(std::vector<ListedErasure> erasures) {
        return append_erasures(list_, erasures);
    }
    void write(const std::string& bytes) { std::ofstream(list_, std::ios::trunc) << bytes; }
    [[nodiscard]] std::string content() const {
        std::ifstream file(list_, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    [[nodiscard]] std::vector<std::uint8_t> listed() const {
        std::vector<std::uint8_t> who;
        const auto erasures = read_erasures(list_);
        if (!erasures) {
            ADD_FAILURE() << erasures.error().context;
            return who;
        }
        for (const ListedErasure& one : *erasures) who.push_back(one.subject.bytes[0]);
        return who;
    }

    TemporaryDirectory place_;
    std::filesystem::path list_ = erasure_list_in(place_.path());
};

}  // namespace erasure_list_test

using erasure_list_test::erasure;
using erasure_list_test::ErasureList;

TEST_F(ErasureList, BeginsEmptyAndPrivateAndIsNotMadeTwice) {
    EXPECT_TRUE(listed().empty());
    struct stat info {};
    ASSERT_EQ(::stat(list_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ASSERT_TRUE(append({erasure(1)}));
    ASSERT_TRUE(create_erasure_list(list_));
    EXPECT_EQ(listed(), std::vector<std::uint8_t>{1});
}

TEST_F(ErasureList, KeepsWhoWhenAndWhyInOrder) {
    ASSERT_TRUE(append({erasure(2, "the person \"asked\"\n"), erasure(1)}));
    const auto read = read_erasures(list_).value();
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[0].subject, erasure(2).subject);
    EXPECT_EQ(read[0].at_us, erasure_list_test::kAt);
    EXPECT_EQ(read[0].reason, "the person \"asked\"\n");
    EXPECT_EQ(read[1].subject, erasure(1).subject);
}

TEST_F(ErasureList, ListsASubjectOnce) {
    ASSERT_TRUE(append({erasure(1), erasure(1)}));
    ASSERT_TRUE(append({erasure(1), erasure(2)}));
    EXPECT_EQ(listed(), (std::vector<std::uint8_t>{1, 2}));
}

TEST_F(ErasureList, RefusesALineThatACrashCutOffUntilItIsListedAgain) {
    ASSERT_TRUE(append({erasure(1)}));
    const std::string first = content();
    ASSERT_TRUE(append({erasure(2)}));
    const std::string both = content();
    for (std::size_t end = first.size() + 1; end + 1 < both.size(); ++end) {
        std::filesystem::remove(list_.string() + ".head");  // which the crash had not come to
        write(both.substr(0, end));
        const auto refused = read_erasures(list_);
        ASSERT_FALSE(refused) << end;
        EXPECT_EQ(refused.error().code, domain::ErrorCode::corrupt);
        EXPECT_NE(refused.error().context.find("line 2 is cut off"), std::string::npos)
            << refused.error().context;
        ASSERT_TRUE(append({erasure(2)}));
        ASSERT_EQ(content(), both) << end;
    }
}

TEST_F(ErasureList, CountsAWholeLastLineWithoutItsLineBreakAndAddsIt) {
    ASSERT_TRUE(append({erasure(1)}));
    const std::string whole = content();
    write(whole.substr(0, whole.size() - 1));
    EXPECT_EQ(listed(), std::vector<std::uint8_t>{1});
    ASSERT_TRUE(append({erasure(1)}));
    EXPECT_EQ(content(), whole);
    write(whole.substr(0, whole.size() - 1));
    ASSERT_TRUE(append({erasure(2)}));
    EXPECT_EQ(listed(), (std::vector<std::uint8_t>{1, 2}));
}

TEST_F(ErasureList, RefusesEveryChangedByte) {
    ASSERT_TRUE(append({erasure(1), erasure(2, "asked \"twice\"")}));
    const std::string whole = content();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const unsigned bit : {1U, 2U, 4U, 16U, 32U}) {
            std::string changed = whole;
            changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ bit);
            write(changed);
            const auto read = read_erasures(list_);
            ASSERT_FALSE(read) << at << ": " << changed;
            EXPECT_EQ(read.error().code, domain::ErrorCode::corrupt);
            ASSERT_FALSE(append({erasure(3)})) << at << ": " << changed;
            ASSERT_EQ(content(), changed) << "nothing of it is given up";
        }
    }
}

TEST_F(ErasureList, RefusesAGarbledLineByNumber) {
    ASSERT_TRUE(append({erasure(1)}));
    const std::string whole = content();
    for (const std::string& line :
         {std::string("{\"subject\":\"somebody\"}\n"),
          whole.substr(0, whole.find(",\"sum\"")) + "}\n", std::string("\n")}) {
        write(whole + line);
        for (const auto& refused : {read_erasures(list_).error(), append({erasure(2)}).error()}) {
            EXPECT_EQ(refused.code, domain::ErrorCode::corrupt);
            EXPECT_NE(refused.context.find("line 2 is no erasure"), std::string::npos)
                << refused.context;
        }
    }
    std::string other = whole;
    other[other.find("asked")] = 'b';
    write(whole + other);
    EXPECT_NE(read_erasures(list_).error().context.find("line 2 does not match its sum"),
              std::string::npos);
}

TEST_F(ErasureList, IsNotMadeByWhoeverAppends) {
    std::filesystem::remove(list_);
    EXPECT_EQ(append({erasure(1)}).error().code, domain::ErrorCode::not_found);
    EXPECT_EQ(read_erasures(list_).error().code, domain::ErrorCode::not_found);
}

TEST_F(ErasureList, TakesAppendsFromSeveralAtOnce) {
    std::vector<std::jthread> writers;
    for (std::uint8_t who = 1; who <= 20; ++who)
        writers.emplace_back([this, who] { EXPECT_TRUE(append({erasure(who)})); });
    writers.clear();
    EXPECT_EQ(listed().size(), 20U);
}

TEST_F(ErasureList, IsNeverMadeOverOneThatHoldsSomebodyByNow) {
    for (int round = 0; round < 50; ++round) {
        ASSERT_TRUE(std::filesystem::remove(list_));
        std::vector<std::jthread> makers;
        for (std::uint8_t who = 1; who <= 4; ++who) {
            makers.emplace_back([this, who] {
                EXPECT_TRUE(create_erasure_list(list_));
                EXPECT_TRUE(append({erasure(who)}));
            });
        }
        makers.clear();
        ASSERT_EQ(listed().size(), 4U) << "round " << round;
    }
}

TEST_F(ErasureList, IsRefusedWhenItHasLostLines) {
    for (std::uint8_t who = 1; who <= 3; ++who) ASSERT_TRUE(append({erasure(who)}));
    const std::string whole = content();
    for (const std::size_t kept : {0U, 1U, 2U}) {
        std::size_t bytes = 0;
        for (std::size_t line = 0; line < kept; ++line) bytes = whole.find('\n', bytes) + 1;
        write(whole.substr(0, bytes));
        for (const auto& refused : {read_erasures(list_).error(), append({erasure(4)}).error()}) {
            EXPECT_EQ(refused.code, domain::ErrorCode::corrupt);
            EXPECT_NE(
                refused.context.find("erasures has " + std::to_string(kept) + " lines, and had 3"),
                std::string::npos)
                << refused.context;
        }
    }
    write(whole);
    EXPECT_EQ(listed().size(), 3U);
    ASSERT_TRUE(std::filesystem::remove(list_.string() + ".head"));
    EXPECT_EQ(listed().size(), 3U) << "a copy of the list may be without it";
}

TEST_F(ErasureList, DoesNotTrustADamagedHead) {
    ASSERT_TRUE(append({erasure(1)}));
    const std::filesystem::path head = list_.string() + ".head";
    std::string text;
    std::getline(std::ifstream(head), text);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string damaged = text;
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        std::ofstream(head) << damaged << "\n";
        const auto refused = read_erasures(list_);
        ASSERT_FALSE(refused) << damaged;
        EXPECT_NE(refused.error().context.find("erasures.head"), std::string::npos);
    }
}

}  // namespace decklog::store
