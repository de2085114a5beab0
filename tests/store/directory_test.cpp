#include "store/directory/directory.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "store/directory/directory_format.hpp"
#include "tests/store/temporary_directory.hpp"

namespace decklog::store::directory_test {
namespace {

using std::chrono::milliseconds;

mode_t mode_of(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777U;
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void put(const std::filesystem::path& path, const std::string& content) {
    std::ofstream(path) << content;
}

class DataDirectory : public testing::Test {
  protected:
    [[nodiscard]] domain::Result<Directory> open() const {
        return Directory::open(root_, milliseconds(0));
    }

    TemporaryDirectory temporary_;
    std::filesystem::path root_ = temporary_.path() / "nested" / "data";
};

TEST_F(DataDirectory, IsCreatedPrivateWithFormatAndLock) {
    const auto directory = open();
    ASSERT_TRUE(directory) << directory.error().context;
    EXPECT_EQ(mode_of(root_), 0700U);
    EXPECT_EQ(mode_of(root_ / "FORMAT"), 0600U);
    EXPECT_EQ(mode_of(root_ / "LOCK"), 0600U);
    EXPECT_EQ(content_of(root_ / "FORMAT"), "format 1\noldest_release 0.1.0\n");
    EXPECT_EQ(content_of(root_ / "LOCK"), std::to_string(::getpid()) + "\n");
    EXPECT_EQ(directory->vault(), root_ / "vault");
}

TEST_F(DataDirectory, TakesAnEmptyDirectoryAndMakesItPrivate) {
    std::filesystem::create_directories(root_ / "lost+found");
    std::filesystem::permissions(root_, std::filesystem::perms(0755));
    ASSERT_TRUE(open());
    EXPECT_EQ(mode_of(root_), 0700U);
}

TEST_F(DataDirectory, LeavesTheModeOfADirectoryThatHoldsOtherThings) {
    std::filesystem::create_directories(root_);
    std::filesystem::permissions(root_, std::filesystem::perms(0755));
    put(root_ / "letter.txt", "dear");
    ASSERT_TRUE(open());
    EXPECT_EQ(mode_of(root_), 0755U);
    EXPECT_EQ(mode_of(root_ / "FORMAT"), 0600U);
}

TEST_F(DataDirectory, RefusesSecondOpenAndNamesThePid) {
    const auto first = open();
    ASSERT_TRUE(first);
    const auto second = open();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, domain::ErrorCode::locked);
    EXPECT_TRUE(second.error().context.ends_with("process " + std::to_string(::getpid())))
        << second.error().context;
}

TEST_F(DataDirectory, WaitsForTheLock) {
    auto first = open();
    ASSERT_TRUE(first);
    std::jthread release([&] {
        std::this_thread::sleep_for(milliseconds(120));
        auto gone = std::move(*first);
    });
    EXPECT_TRUE(Directory::open(root_, std::chrono::seconds(20)));
}

TEST_F(DataDirectory, GivesUpWaitingForTheLock) {
    const auto first = open();
    const auto started = std::chrono::steady_clock::now();
    EXPECT_FALSE(Directory::open(root_, milliseconds(150)));
    EXPECT_GE(std::chrono::steady_clock::now() - started, milliseconds(150));
}

TEST_F(DataDirectory, OpensAgainAfterItWasClosed) {
    { ASSERT_TRUE(open()); }
    EXPECT_TRUE(open());
}

TEST_F(DataDirectory, IgnoresTheLockOfAProcessThatDied) {
    { ASSERT_TRUE(open()); }
    const pid_t child = ::fork();
    if (child == 0) {
        const auto held = Directory::open(root_, milliseconds(0));
        ::_exit(held ? 0 : 1);  // without any destructor, as a crash would
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(content_of(root_ / "LOCK"), std::to_string(child) + "\n");
    EXPECT_TRUE(open());
}

TEST_F(DataDirectory, IsNotHeldByItsChildren) {
    auto first = open();
    ASSERT_TRUE(first);
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl("/bin/sleep", "sleep", "30", nullptr);
        ::_exit(127);
    }
    { const auto gone = std::move(*first); }
    // The descriptor is closed by exec; until then the child still shares the lock.
    EXPECT_TRUE(Directory::open(root_, std::chrono::seconds(20)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
}

TEST_F(DataDirectory, RefusesANewerFormatAndNamesTheReleaseThatOpensIt) {
    { ASSERT_TRUE(open()); }
    for (const char* text :
         {"format 2\noldest_release 0.3.0\n", "format 1\noldest_release 0.3.0\nmore 1\n"}) {
        put(root_ / "FORMAT", text);
        const auto opened = open();
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, domain::ErrorCode::other_format);
        EXPECT_NE(opened.error().context.find("0.3.0"), std::string::npos);
        EXPECT_EQ(content_of(root_ / "FORMAT"), text);
    }
}

TEST_F(DataDirectory, RefusesAGarbledFormatAndALedgerWithoutOne) {
    { ASSERT_TRUE(open()); }
    for (const char* text : {"", "format\n", "format x\noldest_release 0.1.0\n", "format 1\n",
                             "format 1\noldest_release 0.1\n"}) {
        put(root_ / "FORMAT", text);
        EXPECT_EQ(open().error().code, domain::ErrorCode::corrupt) << text;
    }
    std::filesystem::remove(root_ / "FORMAT");
    std::filesystem::create_directory(root_ / "ledger");
    EXPECT_EQ(open().error().code, domain::ErrorCode::corrupt);
}

TEST_F(DataDirectory, RefusesAFileInItsPlace) {
    std::filesystem::create_directories(root_.parent_path());
    put(root_, "a file");
    EXPECT_EQ(open().error().code, domain::ErrorCode::invalid_argument);
}

TEST_F(DataDirectory, DoesNotFollowALinkInPlaceOfLock) {
    std::filesystem::create_directories(root_);
    put(temporary_.path() / "victim", "precious");
    std::filesystem::create_symlink(temporary_.path() / "victim", root_ / "LOCK");
    EXPECT_EQ(open().error().code, domain::ErrorCode::io);
    EXPECT_EQ(content_of(temporary_.path() / "victim"), "precious");
}

TEST_F(DataDirectory, WritesPrivateFilesWhole) {
    const auto directory = open();
    ASSERT_TRUE(directory->write_private("admin-token", "one"));
    ASSERT_TRUE(directory->write_private("admin-token", "two"));
    EXPECT_EQ(content_of(root_ / "admin-token"), "two");
    EXPECT_EQ(mode_of(root_ / "admin-token"), 0600U);
    EXPECT_FALSE(std::filesystem::exists(root_ / ".admin-token.tmp"));
}

TEST_F(DataDirectory, KeepsTheOldFileWhenTheNewOneCannotBeWritten) {
    const auto directory = open();
    ASSERT_TRUE(directory->write_private("admin-token", "one"));
    // A directory in the way of the temporary file stops even root.
    std::filesystem::create_directories(root_ / ".admin-token.tmp" / "in-the-way");
    EXPECT_FALSE(directory->write_private("admin-token", "two"));
    EXPECT_EQ(content_of(root_ / "admin-token"), "one");
}

// ---- server.json ----

TEST_F(DataDirectory, LeavesAServerFileForTheCommandLine) {
    const auto directory = open();
    EXPECT_FALSE(read_server_file(root_));
    ASSERT_TRUE(write_server_file(root_, {"http://127.0.0.1:8080", ::getpid(), "dlk_\"x"}));
    EXPECT_EQ(mode_of(root_ / "server.json"), 0600U);
    const auto server = read_server_file(root_);
    ASSERT_TRUE(server);
    EXPECT_EQ(server->url, "http://127.0.0.1:8080");
    EXPECT_EQ(server->pid, ::getpid());
    EXPECT_EQ(server->token, "dlk_\"x");
    remove_server_file(root_);
    EXPECT_FALSE(std::filesystem::exists(root_ / "server.json"));
}

TEST_F(DataDirectory, LeavesASuccessorsServerFileAlone) {
    const auto directory = open();
    ASSERT_TRUE(write_server_file(root_, {"http://127.0.0.1:1", ::getpid() + 1, "t"}));
    remove_server_file(root_);
    EXPECT_TRUE(read_server_file(root_));
}

TEST_F(DataDirectory, ReadsAGarbledServerFileAsNone) {
    std::filesystem::create_directories(root_);
    for (const char* text :
         {"", "{", "[]", "{}", R"({"url":"u","pid":"1","token":"t"})",
          R"({"url":"u","pid":0,"token":"t"})", R"({"url":"","pid":1,"token":"t"})",
          R"({"url":"u","pid":99999999999,"token":"t"})"}) {
        put(root_ / "server.json", text);
        EXPECT_FALSE(read_server_file(root_)) << text;
    }
}

TEST(DirectoryFormat, ReadsItsOwnText) {
    const auto read = parse_directory_format(to_text(DirectoryFormat{7, {1, 20, 3}}));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->format, 7U);
    EXPECT_EQ(read->oldest_release, (Release{1, 20, 3}));
}

TEST_F(DataDirectory, OfSeveralPartitionsIsNotOpenedByAReleaseThatSeesOneAlone) {
    {
        const auto directory = open();
        ASSERT_TRUE(directory.has_value());
        ASSERT_TRUE(admit_partitions(root_, 1));
        EXPECT_EQ(content_of(root_ / "FORMAT"), "format 1\noldest_release 0.1.0\n");
        ASSERT_TRUE(admit_partitions(root_, 2));
    }
    const std::string text = content_of(root_ / "FORMAT");
    EXPECT_EQ(text, "format 1\noldest_release 0.2.0\n");
    const auto refused = check_may_open(parse_directory_format(text).value(), {0, 1, 0});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().context, testing::HasSubstr("release 0.2.0 or newer"));
    EXPECT_TRUE(open()) << "this release";
}

TEST_F(DataDirectory, WhatANewerReleaseSaysOfItselfIsNotTakenBack) {
    const auto directory = open();
    ASSERT_TRUE(directory.has_value());
    ASSERT_TRUE(write_private_file(root_ / "FORMAT", "format 1\noldest_release 0.3.0\n"));
    ASSERT_TRUE(admit_partitions(root_, 2));
    EXPECT_EQ(content_of(root_ / "FORMAT"), "format 1\noldest_release 0.3.0\n");
}

TEST(DirectoryFormat, ComparesReleasesAsNumbers) {
    EXPECT_TRUE(check_may_open({1, {0, 9, 0}}, {0, 10, 0}));
    EXPECT_FALSE(check_may_open({1, {0, 10, 0}}, {0, 9, 9}));
    EXPECT_FALSE(check_may_open({2, {0, 1, 0}}, {9, 0, 0}));
    EXPECT_EQ(parse_release("1.2"), std::nullopt);
    EXPECT_EQ(parse_release("1.2.3.4"), std::nullopt);
    EXPECT_EQ(parse_release("1.2.x"), std::nullopt);
    EXPECT_EQ(parse_release(""), std::nullopt);
}

}  // namespace
}  // namespace decklog::store::directory_test
