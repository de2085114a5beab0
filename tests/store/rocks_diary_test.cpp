#include "store/rows/rocks_diary.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/store/temporary_directory.hpp"

namespace decklog::store::rocks_diary_test {

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(RocksDiary, KeepsWarningsAndWorse) {
    const TemporaryDirectory directory;
    RocksDiary diary(directory.path());
    rocksdb::Header(&diary, "options of %s", "everything");
    rocksdb::Info(&diary, "flushed %d", 1);
    EXPECT_FALSE(std::filesystem::exists(directory.path() / "LOG"));
    rocksdb::Warn(&diary, "stalled %d ms", 20);
    rocksdb::Error(&diary, "cannot write");
    const std::string text = content_of(directory.path() / "LOG");
    EXPECT_NE(text.find("stalled 20 ms\n"), std::string::npos) << text;
    EXPECT_NE(text.find("cannot write\n"), std::string::npos) << text;
}

TEST(RocksDiary, LosesALineThatCannotBeWritten) {
    const TemporaryDirectory directory;
    std::filesystem::create_symlink("/dev/full", directory.path() / "LOG");
    RocksDiary full(directory.path());
    RocksDiary nowhere(directory.path() / "none");
    for (int i = 0; i < 3; ++i) {
        rocksdb::Warn(&full, "line %d", i);
        rocksdb::Warn(&nowhere, "line %d", i);
    }
    std::filesystem::create_directory(directory.path() / "none");
    rocksdb::Warn(&nowhere, "there it is");
    EXPECT_NE(content_of(directory.path() / "none" / "LOG").find("there it is"), std::string::npos);
}

TEST(RocksDiary, IsTwoFilesAtMost) {
    const TemporaryDirectory directory;
    RocksDiary diary(directory.path());
    const std::string line(3'000, 'x');
    for (int i = 0; i < 1'000; ++i) rocksdb::Warn(&diary, "%s", line.c_str());
    std::uintmax_t bytes = 0;
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
        bytes += entry.file_size();
        ++files;
    }
    EXPECT_EQ(files, 2U);
    EXPECT_LT(bytes, 3U << 20U);
}

}  // namespace decklog::store::rocks_diary_test
