// The real binary as a child process on a data directory of its own: started on a free port, killed
// or stopped, its log kept. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace decklog::e2e {

/// A folder that goes with the test.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// The binary under test.
[[nodiscard]] std::filesystem::path decklog_binary();

/// The platform secrets that the tests sign with, as the server's environment.
[[nodiscard]] const std::map<std::string, std::string>& hook_secrets();

struct Finished {
    int exit_code = -1;
    std::string out, err;
};
/// Runs `decklog ARGUMENTS…` to its end.
[[nodiscard]] Finished run_decklog(const std::vector<std::string>& arguments,
                                   const std::map<std::string, std::string>& environment = {});

class ServerProcess {
  public:
    ServerProcess(std::filesystem::path data, std::map<std::string, std::string> environment);
    ~ServerProcess();
    ServerProcess(const ServerProcess&) = delete;
    ServerProcess& operator=(const ServerProcess&) = delete;

    /// Starts these words, by the path of a program, in place of the binary under test on `data`.
    void run_as(std::vector<std::string> words) { words_ = std::move(words); }
    /// True once /ready answers 200. False: the process ended, or it listens and is not ready
    /// `within`.
    [[nodiscard]] bool start(std::chrono::seconds within = std::chrono::seconds(120));
    /// For the next start: a variable, and what stands behind `serve` besides data and address.
    void set_variable(const std::string& name, const std::string& value) {
        environment_[name] = value;
    }
    void set_arguments(std::vector<std::string> arguments) { arguments_ = std::move(arguments); }
    /// From now on the running process cannot make a file longer than this: a write that would is
    /// cut off there and fails (EFBIG), the closest to a failing disk that needs no rights.
    void limit_files_to(std::uint64_t bytes) const;
    void kill_hard();
    /// SIGTERM and the exit code; -1 when it did not end within `within`.
    [[nodiscard]] int stop(std::chrono::seconds within = std::chrono::seconds(120));
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] std::string admin_token() const;
    [[nodiscard]] const std::filesystem::path& data() const { return data_; }
    /// Goes on with another data directory; the process is not running.
    void move_to(std::filesystem::path data);
    /// Everything the process wrote, over all starts.
    [[nodiscard]] std::string log() const;

  private:
    std::filesystem::path data_;
    std::filesystem::path log_;
    std::map<std::string, std::string> environment_;
    std::vector<std::string> words_;
    std::vector<std::string> arguments_;
    std::string url_;
    pid_t pid_ = -1;
};

}  // namespace decklog::e2e
