#include "tools/decklog/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "store/directory/private_files.hpp"

namespace decklog::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kCannotStart = 127;
constexpr int kOfSignal = 128;
constexpr std::chrono::milliseconds kLook{50};
constexpr std::chrono::seconds kGrace{5};      // between SIGTERM and SIGKILL
constexpr std::chrono::seconds kLastWords{1};  // for output behind the end
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

volatile sig_atomic_t interrupted = 0;

void note(int) { interrupted = 1; }

/// posix_spawn's two lists, freed whatever happens.
class SpawnRules {
  public:
    explicit SpawnRules(int output) {
        ::posix_spawn_file_actions_init(&files_);
        ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&files_, output, STDERR_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        sigset_t none, ignored_here;
        ::sigemptyset(&none);
        ::sigemptyset(&ignored_here);
        ::sigaddset(&ignored_here, SIGPIPE);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &ignored_here);
    }
    ~SpawnRules() {
        ::posix_spawnattr_destroy(&attributes_);
        ::posix_spawn_file_actions_destroy(&files_);
    }
    SpawnRules(const SpawnRules&) = delete;
    SpawnRules& operator=(const SpawnRules&) = delete;
    [[nodiscard]] const posix_spawn_file_actions_t* files() const { return &files_; }
    [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (const std::string& text : texts) list.push_back(const_cast<char*>(text.c_str()));
    list.push_back(nullptr);
    return list;
}

/// The end of a child that is still to be reaped, so that its id names no other.
std::optional<int> ended(pid_t child) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
        return kCannotStart;
    if (info.si_pid == 0) return std::nullopt;
    return info.si_code == CLD_EXITED ? info.si_status : kOfSignal + info.si_status;
}

class Child {
  public:
    Child(pid_t id, int output, const ChildWish& wish,
          const std::function<void(std::string_view)>& on_output)
        : id_(id), output_(output), on_output_(on_output), until_(Clock::now() + wish.timeout) {}

    [[nodiscard]] ChildResult wait() {
        while (true) {
            read_some(kLook);
            if (const auto code = ended(id_)) return finish(*code);
            if (result_.end == ChildEnd::by_itself) {
                if (interrupted != 0) begin_end(ChildEnd::interrupted);
                if (Clock::now() > until_) begin_end(ChildEnd::timed_out);
            } else if (Clock::now() > killed_at_) {
                ::kill(-id_, SIGKILL);
            }
        }
    }

  private:
    void begin_end(ChildEnd end) {
        result_.end = end;
        killed_at_ = Clock::now() + kGrace;
        ::kill(-id_, SIGTERM);
    }
    ChildResult finish(int code) {
        const bool was_ended = result_.end != ChildEnd::by_itself;
        if (was_ended) ::kill(-id_, SIGKILL);
        const auto last = Clock::now() + kLastWords;
        while (is_open_ && Clock::now() < last) read_some(kLook);
        ::waitpid(id_, nullptr, 0);
        // One that took the end for its success has still not done what it was for.
        result_.exit_code = was_ended && code == 0 ? kOfSignal + SIGTERM : code;
        return result_;
    }
    void read_some(std::chrono::milliseconds patience) {
        pollfd poll_for{is_open_ ? output_ : -1, POLLIN, 0};
        if (::poll(&poll_for, 1, static_cast<int>(patience.count())) <= 0) return;
        const ssize_t got = ::read(output_, buffer_.data(), buffer_.size());
        if (got > 0) on_output_({buffer_.data(), static_cast<std::size_t>(got)});
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) is_open_ = false;
    }

    pid_t id_;
    int output_;
    const std::function<void(std::string_view)>& on_output_;
    Clock::time_point until_, killed_at_;
    ChildResult result_;
    bool is_open_ = true;
    std::vector<char> buffer_ = std::vector<char>(kReadBytes);
};

ChildResult not_started(const ChildWish& wish, int error,
                        const std::function<void(std::string_view)>& on_output) {
    on_output(wish.words.front() + ": cannot be started: " + std::strerror(error) + "\n");
    return {kCannotStart, ChildEnd::by_itself};
}

struct sigaction& saved(int signal) {
    static std::array<struct sigaction, NSIG> all{};
    return all.at(static_cast<std::size_t>(signal));
}

}  // namespace

Interruptions::Interruptions() {
    interrupted = 0;
    struct sigaction action {};
    ::sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART;  // writes go on; poll is never restarted
    action.sa_handler = note;
    for (const int signal : kSignals) {
        ::sigaction(signal, nullptr, &saved(signal));
        if (saved(signal).sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);  // nohup
    }
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, &saved(SIGPIPE));
}

Interruptions::~Interruptions() {
    for (const int signal : kSignals) ::sigaction(signal, &saved(signal), nullptr);
    ::sigaction(SIGPIPE, &saved(SIGPIPE), nullptr);
    interrupted = 0;
}

bool Interruptions::came() { return interrupted != 0; }

ChildResult run_child(const ChildWish& wish,
                      const std::function<void(std::string_view)>& on_output) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return not_started(wish, errno, on_output);
    const store::FileDescriptor reading(ends[0]);
    store::FileDescriptor writing(ends[1]);
    const SpawnRules rules(writing.get());
    const auto argv = pointers(wish.words), envp = pointers(wish.environment);
    pid_t id = -1;
    const int error = ::posix_spawnp(&id, argv.front(), rules.files(), rules.attributes(),
                                     argv.data(), envp.data());
    if (error != 0) return not_started(wish, error, on_output);
    writing = store::FileDescriptor();
    return Child(id, reading.get(), wish, on_output).wait();
}

}  // namespace decklog::cli
