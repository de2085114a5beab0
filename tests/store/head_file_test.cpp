#include "store/directory/head_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "store/directory/private_files.hpp"
#include "tests/store/temporary_directory.hpp"

namespace decklog::store::head_file_test {
namespace {

class Head : public testing::Test {
  protected:
    void write(const HeadFile& head) {
        const FileDescriptor fd(::open(file_.c_str(), O_WRONLY | O_CREAT, 0600));
        ASSERT_TRUE(write_head(fd.get(), head));
    }
    static HeadFile some_head(std::uint32_t partition, std::uint64_t ordinal) {
        HeadFile head{{partition, ordinal}, {}};
        head.chain.fill(static_cast<std::uint8_t>(ordinal + 1));
        return head;
    }

    TemporaryDirectory directory_;
    std::filesystem::path file_ = directory_.path() / "HEAD";
};

TEST_F(Head, IsNothingWhenAbsent) {
    const auto head = read_head(file_);
    ASSERT_TRUE(head);
    EXPECT_FALSE(*head);
}

TEST_F(Head, ReadsWhatWasWrittenLast) {
    write(some_head(0, 7));
    write(some_head(0, 0xFFFF'FFFF'FFFF'FFF0ULL));
    const auto head = *read_head(file_);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->last.ordinal, 0xFFFF'FFFF'FFFF'FFF0ULL);
    EXPECT_EQ(head->chain, some_head(0, 0xFFFF'FFFF'FFFF'FFF0ULL).chain);
    EXPECT_EQ(std::filesystem::file_size(file_), 64U);
}

TEST_F(Head, KeepsPartitionsApart) {
    write(some_head(0, 1));
    write(some_head(3, 9));
    EXPECT_EQ((*read_head(file_, 0))->last, (domain::Position{0, 1}));
    EXPECT_EQ((*read_head(file_, 3))->last, (domain::Position{3, 9}));
    EXPECT_FALSE(*read_head(file_, 1));
    EXPECT_FALSE(*read_head(file_, 4));
}

TEST_F(Head, IgnoresATornFile) {
    write(some_head(0, 7));
    for (std::uintmax_t size = 0; size < 64; ++size) {
        write(some_head(0, 7));
        std::filesystem::resize_file(file_, size);
        const auto head = read_head(file_);
        ASSERT_TRUE(head) << size;
        EXPECT_FALSE(*head) << size;
    }
}

TEST_F(Head, IgnoresEveryFlippedBit) {
    for (std::uint8_t bit = 0; bit < 8; ++bit) {
        for (std::streamoff at = 0; at < 64; ++at) {
            write(some_head(0, 7));
            std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
            file.seekg(at);
            const char byte = static_cast<char>(file.get());
            file.seekp(at);
            file.put(static_cast<char>(byte ^ (1 << bit)));
            file.close();
            const auto head = read_head(file_);
            ASSERT_TRUE(head);
            EXPECT_FALSE(*head) << at << ":" << int{bit};
        }
    }
}

TEST_F(Head, ReportsADescriptorThatCannotBeWritten) {
    write(some_head(0, 7));
    const FileDescriptor fd(::open(file_.c_str(), O_RDONLY));
    const auto written = write_head(fd.get(), some_head(0, 8));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, domain::ErrorCode::io);
}

}  // namespace
}  // namespace decklog::store::head_file_test
