#include "tests/e2e/server_process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "store/directory/directory.hpp"
#include "tests/e2e/http_client.hpp"

extern char** environ;

namespace decklog::e2e {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(20);
constexpr std::chrono::seconds kListens{120};  // on a crowded machine, under a sanitizer

std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// How sanitizers report, should what is tested be built under one.
constexpr const char* kPassedOn[] = {"ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"};

/// PATH, those and the given variables: nothing else of the caller's may change what is tested.
[[noreturn]] void execute(std::vector<std::string> words,
                          const std::map<std::string, std::string>& environment) {
    std::vector<std::string> variables{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    for (const char* name : kPassedOn) {
        if (const char* value = std::getenv(name))
            variables.push_back(name + ("=" + std::string(value)));
    }
    std::vector<char*> argv;
    std::vector<char*> envp;
    for (std::string& word : words) argv.push_back(word.data());
    for (std::string& variable : variables) envp.push_back(variable.data());
    argv.push_back(nullptr);
    envp.push_back(nullptr);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
}

void redirect(int target, const std::filesystem::path& path) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || dup2(file, target) < 0) _exit(126);
}

/// A sanitizer ends the process with a report; a test that kills it anyway must not pass over that.
void expect_no_finding(const std::string& written) {
    for (const char* mark : {"ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
                             "WARNING: ThreadSanitizer", ": runtime error: "})
        EXPECT_EQ(written.find(mark), std::string::npos) << written;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "decklog-e2e-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path decklog_binary() {
    return std::filesystem::path(DECKLOG_BINARY_DIR) / "decklog";
}

const std::map<std::string, std::string>& hook_secrets() {
    // The Discord key belongs to the seed of tests/e2e/signed_hooks.cpp.
    static const std::map<std::string, std::string> kSecrets{
        {"TELEGRAM_WEBHOOK_SECRET", "telegram-secret-of-the-tests"},
        {"WHATSAPP_APP_SECRET", "whatsapp-secret-of-the-tests"},
        {"WHATSAPP_VERIFY_TOKEN", "whatsapp-verify-token-of-the-tests"},
        {"SLACK_SIGNING_SECRET", "slack-secret-of-the-tests"},
        {"DISCORD_PUBLIC_KEY", discord_public_key_of_the_tests()}};
    return kSecrets;
}

Finished run_decklog(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& environment) {
    const TemporaryFolder folder;
    const auto out = folder.path() / "out";
    const auto err = folder.path() / "err";
    const pid_t child = fork();
    if (child == 0) {
        redirect(STDOUT_FILENO, out);
        redirect(STDERR_FILENO, err);
        std::vector<std::string> words{decklog_binary().string()};
        words.insert(words.end(), arguments.begin(), arguments.end());
        execute(std::move(words), environment);
    }
    int status = 0;
    waitpid(child, &status, 0);
    Finished finished{WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out), read_file(err)};
    expect_no_finding(finished.err);
    return finished;
}

ServerProcess::ServerProcess(std::filesystem::path data,
                             std::map<std::string, std::string> environment)
    : log_(data.string() + ".log"), environment_(std::move(environment)) {
    move_to(std::move(data));
}

void ServerProcess::move_to(std::filesystem::path data) {
    data_ = std::move(data);
    words_ = {
        decklog_binary().string(), "serve", "--data", data_.string(), "--listen", "127.0.0.1:0"};
}

ServerProcess::~ServerProcess() {
    kill_hard();
    expect_no_finding(log());
    std::error_code ignored;
    std::filesystem::remove(log_, ignored);
}

bool ServerProcess::start(std::chrono::seconds within) {
    std::error_code ignored;
    std::filesystem::remove(data_ / "server.json", ignored);
    pid_ = fork();
    if (pid_ == 0) {
        redirect(STDOUT_FILENO, log_);
        redirect(STDERR_FILENO, log_);
        signal(SIGXFSZ, SIG_IGN);  // a limit is an error of the write, not the end of the process
        std::vector<std::string> words = words_;
        words.insert(words.end(), arguments_.begin(), arguments_.end());
        execute(words, environment_);
    }
    bool listens = false;
    auto deadline = std::chrono::steady_clock::now() + kListens;
    while (std::chrono::steady_clock::now() < deadline) {
        if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
            pid_ = -1;
            return false;
        }
        if (const auto server = store::read_server_file(data_); server && server->pid == pid_) {
            url_ = server->url;
            if (!std::exchange(listens, true)) deadline = std::chrono::steady_clock::now() + within;
            if (HttpClient(url_).get("/ready").status == 200) return true;
        }
        std::this_thread::sleep_for(kPoll);
    }
    return false;
}

void ServerProcess::limit_files_to(std::uint64_t bytes) const {
    const rlimit limit{bytes, RLIM_INFINITY};
    prlimit(pid_, RLIMIT_FSIZE, &limit, nullptr);
}

void ServerProcess::kill_hard() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

int ServerProcess::stop(std::chrono::seconds within) {
    if (pid_ <= 0) return -1;
    kill(pid_, SIGTERM);
    const auto deadline = std::chrono::steady_clock::now() + within;
    while (std::chrono::steady_clock::now() < deadline) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        std::this_thread::sleep_for(kPoll);
    }
    return -1;
}

std::string ServerProcess::admin_token() const {
    std::string token = read_file(data_ / "admin-token");
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
    return token;
}

std::string ServerProcess::log() const { return read_file(log_); }

}  // namespace decklog::e2e
