#include "store/directory/backup_places.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/store/temporary_directory.hpp"

namespace decklog::store {
namespace backup_places_test {

namespace fs = std::filesystem;

class BackupPlaces : public ::testing::Test {
  protected:
    BackupPlaces() { EXPECT_TRUE(create_places(root_)); }
    [[nodiscard]] std::string text() const {
        std::stringstream text;
        text << std::ifstream(file_).rdbuf();
        return text.str();
    }
    void expect_unknown(const std::string& why) const {
        for (const domain::Error& error :
             {known_places(root_).error(), remember_place(root_, "/backups/c").error()}) {
            EXPECT_EQ(error.code, domain::ErrorCode::corrupt) << why;
            EXPECT_NE(error.context.find(file_.string()), std::string::npos) << error.context;
        }
    }

    const TemporaryDirectory directory_;
    const fs::path root_ = directory_.path();
    const fs::path file_ = root_ / "backups";
};

TEST_F(BackupPlaces, AreRememberedOnceAndAbsolute) {
    EXPECT_TRUE(known_places(root_).value().empty());
    ASSERT_TRUE(remember_place(root_, "/backups/a"));
    ASSERT_TRUE(remember_place(root_, "/backups/b/../a"));
    ASSERT_TRUE(remember_place(root_, "/backups/b"));
    const std::vector<fs::path> both{"/backups/a", "/backups/b"};
    EXPECT_EQ(known_places(root_).value(), both);
    EXPECT_FALSE(remember_place(root_, "/backups/\nc"));
    ASSERT_TRUE(create_places(root_));
    EXPECT_EQ(known_places(root_).value(), both) << "made once";
}

TEST_F(BackupPlaces, ThatAreLostAreNotTakenForNone) {
    ASSERT_TRUE(remember_place(root_, "/backups/a"));
    ASSERT_TRUE(remember_place(root_, "/backups/b"));
    const std::string whole = text();
    for (std::size_t end = 0; end + 1 < whole.size(); ++end) {
        if (whole[end] != '\n') continue;  // else a path is cut, which then is not there
        std::ofstream(file_) << whole.substr(0, end);
        expect_unknown(whole.substr(0, end));
    }
    std::ofstream(file_) << "";
    expect_unknown("emptied");
    ASSERT_TRUE(fs::remove(file_));
    expect_unknown("removed");
    // As its text says.
    std::ofstream(file_) << "places 1\n/backups/a\n";
    EXPECT_EQ(known_places(root_).value(), std::vector<fs::path>{"/backups/a"});
}

}  // namespace backup_places_test
}  // namespace decklog::store
