// A command as a child of this process: no shell, no input, no file of ours but the two outputs,
// which come together as they are written. It has a process group of its own, so that a timeout or
// ctrl-c ends it with all that it began. One thread of the process at a time.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::cli {

struct ChildWish {
    std::vector<std::string> words;        // the first by PATH
    std::vector<std::string> environment;  // NAME=VALUE, the whole of it
    std::chrono::microseconds timeout{};
};

enum class ChildEnd { by_itself, timed_out, interrupted };

struct ChildResult {
    int exit_code = 0;  // 128 and the signal when one ended it; 127: it could not be started
    ChildEnd end = ChildEnd::by_itself;
};

/// While one lives, ctrl-c and its kin do not end this process but are asked for, and output that
/// nobody reads any more is an error of the write.
class Interruptions {
  public:
    Interruptions();
    ~Interruptions();
    Interruptions(const Interruptions&) = delete;
    Interruptions& operator=(const Interruptions&) = delete;
    [[nodiscard]] static bool came();
};

/// Runs it to its end; `on_output` is given what it writes, in pieces. What the command leaves in
/// the background keeps running unless it had to be ended, but its output is no longer read.
[[nodiscard]] ChildResult run_child(const ChildWish& wish,
                                    const std::function<void(std::string_view)>& on_output);

}  // namespace decklog::cli
