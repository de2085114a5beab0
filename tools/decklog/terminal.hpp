// What a person sees: tables of at most 100 columns, colours and progress only on a terminal. One
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::cli {

inline constexpr std::size_t kColumnsMax = 100;

[[nodiscard]] bool is_terminal(int fd);

/// Text as it may be shown: control characters become `·`, so that a stored text cannot drive a
/// terminal.
[[nodiscard]] std::string printable(std::string_view text);

/// At most `columns` code points: the middle is cut out, since a path is known by its two ends.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns);

/// Columns as wide as their content, the widest cut (with `…`) until a row fits 100 columns. Counts
/// code points.
class Table {
  public:
    explicit Table(std::vector<std::string> headings);
    void add(std::vector<std::string> cells);
    /// To standard output, headings bold on a terminal.
    void print() const;
    [[nodiscard]] std::vector<std::string> lines() const;
    [[nodiscard]] bool empty() const { return rows_.empty(); }

  private:
    [[nodiscard]] std::vector<std::size_t> widths() const;
    std::vector<std::string> headings_;
    std::vector<std::vector<std::string>> rows_;
};

/// `what [###...]  50%  1,200/s  3 s left`; `? s left` as long as nothing is done.
[[nodiscard]] std::string progress_line(std::string_view what, std::uint64_t done,
                                        std::uint64_t total, double seconds);

/// A bar on stderr with rate and ETA while a person is watching; silent otherwise.
class Progress {
  public:
    explicit Progress(std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    void show(std::uint64_t done, std::uint64_t total);

  private:
    std::string what_;
    bool watching_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point last_;
};

/// `12,345`
[[nodiscard]] std::string grouped(std::uint64_t number);

}  // namespace decklog::cli
