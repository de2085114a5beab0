// Cuts a body that arrives in pieces into lines, and lines into groups of bounded number and size.
// A line that is too long is kept cut to one byte over the limit, so that whoever reads it refuses
// that line and the rest goes on. A last line needs no newline; a `\r` before one is dropped. One
// thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "api/limits.hpp"

namespace decklog::api {

class LineSplitter {
  public:
    struct Limits {
        std::size_t line_bytes = limits::kNdjsonLineBytesMax;
        std::size_t group_lines = limits::kNdjsonGroupLines;
        std::size_t group_bytes = limits::kNdjsonGroupBytes;
    };
    explicit LineSplitter(Limits limits) : limits_(limits) {}
    LineSplitter() : LineSplitter(Limits{}) {}

    /// Takes from `bytes` until a group is full; returns how many were taken.
    std::size_t take(std::string_view bytes);
    /// The body has ended: what stands after the last newline is a line.
    void end();

    [[nodiscard]] bool is_group_full() const {
        return group_.size() >= limits_.group_lines || group_bytes_ >= limits_.group_bytes;
    }
    /// The lines so far; the next group begins empty.
    [[nodiscard]] std::vector<std::string> take_group();

  private:
    void extend(std::string_view piece);
    void end_line();

    Limits limits_;
    std::string line_;
    std::vector<std::string> group_;
    std::size_t group_bytes_ = 0;
};

}  // namespace decklog::api
