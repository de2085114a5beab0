// Wall time and processor time of this process. Wall time says what a user waits for and swings
// with whatever else the machine does; processor time hardly does, so both are kept.
#pragma once

#include <sys/resource.h>

#include <chrono>

namespace decklog::bench {

class Stopwatch {
  public:
    void start() {
        wall_ = std::chrono::steady_clock::now();
        cpu_ = cpu_seconds();
    }
    void stop() {
        wall_seconds_ +=
            std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
        cpu_seconds_ += cpu_seconds() - cpu_;
    }
    /// Summed over every start and stop.
    [[nodiscard]] double seconds() const { return wall_seconds_; }
    [[nodiscard]] double cpu() const { return cpu_seconds_; }
    /// Since the last start, while running.
    [[nodiscard]] double running() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count();
    }

  private:
    static double cpu_seconds() {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        const auto seconds = [](const timeval& time) {
            return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
        };
        return seconds(usage.ru_utime) + seconds(usage.ru_stime);
    }
    std::chrono::steady_clock::time_point wall_;
    double cpu_ = 0, wall_seconds_ = 0, cpu_seconds_ = 0;
};

}  // namespace decklog::bench
