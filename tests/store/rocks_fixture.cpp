#include "tests/store/rocks_fixture.hpp"

#include <fcntl.h>
#include <rocksdb/db.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

#include "store/rows/rocks_options.hpp"

namespace decklog::store::rocks_test {

TempDir::TempDir() {
    constexpr std::uintmax_t kPlentyBytes = 6ULL << 30U;  // over what the ledger wants free
    std::error_code absent;
    const std::filesystem::space_info memory = std::filesystem::space("/dev/shm", absent);
    const bool plenty = !absent && memory.available >= kPlentyBytes;
    std::string name =
        (plenty ? std::string("/dev/shm") : testing::TempDir()) + "/decklog-rocks-XXXXXX";
    const char* made = ::mkdtemp(name.data());
    EXPECT_NE(made, nullptr);
    path_ = name;
}

TempDir::~TempDir() { std::filesystem::remove_all(path_); }

std::unique_ptr<Ledger> open(const std::filesystem::path& root, const LedgerOptions& options) {
    auto ledger = open_rocks_ledger(root, options);
    if (!ledger) {
        ADD_FAILURE() << ledger.error().context;
        std::abort();
    }
    return std::move(*ledger);
}

domain::Error open_error(const std::filesystem::path& root, const LedgerOptions& options) {
    auto ledger = open_rocks_ledger(root, options);
    EXPECT_FALSE(ledger.has_value()) << "opened what had to be refused";
    return ledger ? domain::Error{} : ledger.error();
}

domain::NewEvent event(const std::string& stream, const std::string& payload) {
    domain::NewEvent made;
    made.type = domain::EventType::audit_action_recorded;
    made.action = "ai_reply_sent";
    made.stream = stream;
    made.conversation = "conversation of " + stream;
    made.correlation_id = "correlation";
    made.occurred_at_us = 1'700'000'000'000'000;
    made.payload.assign(payload.begin(), payload.end());
    return made;
}

Submission append(const std::string& stream, const std::string& payload) {
    Submission submission;
    submission.intent = domain::fact("append", event(stream, payload));
    return submission;
}

domain::CommandKey key_of(std::uint64_t number) {
    domain::CommandKey key;
    std::memcpy(key.bytes.data(), &number, sizeof number);
    key.bytes[15] = 1;
    return key;
}

Submission keyed(Submission submission, std::uint64_t number) {
    submission.key = key_of(number);
    submission.request_hash.bytes[0] = 1;
    return submission;
}

Answer submit(Ledger& ledger, Submission submission) {
    std::vector<Submission> submissions;
    submissions.push_back(std::move(submission));
    return submit_and_wait(ledger, 0, std::move(submissions)).front();
}

void fill(Ledger& ledger, std::size_t commits) {
    std::vector<Submission> submissions;
    for (std::size_t i = 0; i < commits; ++i) {
        submissions.push_back(
            keyed(append("stream/" + std::to_string(i % 7), std::string(200, 'p')),
                  ledger.head(0).next_ordinal * 1'000'000 + i));
    }
    for (const Answer& answer : submit_and_wait(ledger, 0, std::move(submissions)))
        ASSERT_TRUE(answer.has_value());
}

void with_database(
    const std::filesystem::path& root,
    const std::function<void(rocksdb::DB&, const std::vector<rocksdb::ColumnFamilyHandle*>&)>&
        change) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (std::size_t i = 0; i < kRowFamilyNames.size(); ++i) {
        families.emplace_back(std::string(kRowFamilyNames[i]),
                              ledger_family_options(static_cast<RowFamily>(i)));
    }
    families.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(
        ledger_db_options(nullptr), (root / "ledger").string(), families, &handles, &opened);
    ASSERT_TRUE(status.ok()) << status.ToString();
    const std::unique_ptr<rocksdb::DB> db(opened);
    change(*db, handles);
    for (rocksdb::ColumnFamilyHandle* handle : handles)
        EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
    EXPECT_TRUE(db->Close().ok());
}

ChildProcess::ChildProcess(const std::string& test, const std::filesystem::path& root,
                           const std::string& argument) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const std::string filter = "--gtest_filter=" + test;
    const std::string report_fd = std::to_string(ends[1]);
    pid_ = ::fork();
    if (pid_ == 0) {  // nothing but system calls until exec: the parent may have threads
        ::setenv("DECKLOG_TEST_ROOT", root.c_str(), 1);
        ::setenv("DECKLOG_TEST_ARGUMENT", argument.c_str(), 1);
        ::setenv("DECKLOG_TEST_REPORT", report_fd.c_str(), 1);
        ::fcntl(ends[1], F_SETFD, 0);
        const int nowhere = ::open("/dev/null", O_WRONLY);
        ::dup2(nowhere, STDOUT_FILENO);  // stderr stays: a sanitizer reports there
        ::execl("/proc/self/exe", "child", filter.c_str(), "--gtest_also_run_disabled_tests",
                nullptr);
        ::_exit(127);
    }
    EXPECT_GT(pid_, 0);
    ::close(ends[1]);
    report_ = ends[0];
}

ChildProcess::~ChildProcess() {
    if (pid_ > 0) {
        kill();
        wait();
    }
    ::close(report_);
}

std::string ChildProcess::read_some() {
    char bytes[4096];
    const ssize_t got = ::read(report_, bytes, sizeof bytes);
    return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string();
}

std::string ChildProcess::read_all() {
    std::string all;
    for (std::string more = read_some(); !more.empty(); more = read_some()) all += more;
    return all;
}

void ChildProcess::kill() { ::kill(pid_, SIGKILL); }

int ChildProcess::wait() {
    int status = 0;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    return status;
}

std::filesystem::path child_root() {
    const char* root = std::getenv("DECKLOG_TEST_ROOT");
    return root == nullptr ? std::filesystem::path() : std::filesystem::path(root);
}

std::string child_argument() {
    const char* argument = std::getenv("DECKLOG_TEST_ARGUMENT");
    return argument == nullptr ? std::string() : std::string(argument);
}

void report(const std::string& line) {
    const char* fd = std::getenv("DECKLOG_TEST_REPORT");
    const std::string whole = line + "\n";
    // One write below PIPE_BUF: lines of several threads never mix.
    if (fd == nullptr ||
        ::write(std::atoi(fd), whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) {
        std::abort();
    }
}

}  // namespace decklog::store::rocks_test
