#include "tools/decklog/terminal.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <numeric>

namespace decklog::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;
/// What is copied from a table into a command stands there whole, however wide the row is then.
constexpr std::array<std::string_view, 2> kWholeColumns{"ID", "HARD GATE"};

bool is_kept_whole(std::string_view heading) {
    return std::find(kWholeColumns.begin(), kWholeColumns.end(), heading) != kWholeColumns.end();
}

bool continues_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !continues_code_point(c); }));
}

std::string cut(std::string_view text, std::size_t width) {
    if (length_of(text) <= width) return std::string(text);
    std::size_t kept = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        if (!continues_code_point(text[end]) && ++kept == width) break;
        ++end;
    }
    return std::string(text.substr(0, end)) + "…";
}

/// The last `width` code points.
std::string_view tail(std::string_view text, std::size_t width) {
    std::size_t begin = text.size();
    while (begin > 0 && width > 0) {
        --begin;
        if (!continues_code_point(text[begin])) --width;
    }
    return text.substr(begin);
}

std::string padded_row(const std::vector<std::string>& cells,
                       const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const std::string cell = i < cells.size() ? cut(cells[i], widths[i]) : std::string();
        line += cell;
        if (i + 1 < widths.size()) line.append(widths[i] - length_of(cell) + kGap, ' ');
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

}  // namespace

bool is_terminal(int fd) { return isatty(fd) == 1; }

std::string printable(std::string_view text) {
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        // C1 controls are two bytes in UTF-8: C2 80 to C2 9F.
        const bool c1 =
            byte == 0xC2U && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0U;
        if (byte < 0x20U || byte == 0x7FU || c1) {
            shown += "·";
            if (c1) ++i;
        } else {
            shown += text[i];
        }
    }
    return shown;
}

std::string shortened(std::string_view text, std::size_t columns) {
    if (length_of(text) <= columns) return std::string(text);
    const std::size_t half = columns / 2;
    return cut(text, columns - half).append(tail(text, half));
}

Table::Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}

void Table::add(std::vector<std::string> cells) {
    for (std::string& cell : cells) cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths;
    for (const std::string& heading : headings_) widths.push_back(length_of(heading));
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i)
            widths[i] = std::max(widths[i], length_of(row[i]));
    }
    const std::size_t gaps = kGap * (widths.empty() ? 0 : widths.size() - 1);
    while (std::accumulate(widths.begin(), widths.end(), gaps) > kColumnsMax) {
        std::size_t widest = widths.size();
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (is_kept_whole(headings_[i])) continue;
            if (widest == widths.size() || widths[i] > widths[widest]) widest = i;
        }
        if (widest == widths.size() || widths[widest] <= kNarrowest) break;
        --widths[widest];
    }
    return widths;
}

std::vector<std::string> Table::lines() const {
    const auto columns = widths();
    std::vector<std::string> text{padded_row(headings_, columns)};
    for (const auto& row : rows_) text.push_back(padded_row(row, columns));
    return text;
}

void Table::print() const {
    const bool colours = is_terminal(STDOUT_FILENO);
    bool heading = true;
    for (const std::string& line : lines()) {
        if (heading && colours) {
            std::printf("\x1b[1m%s\x1b[0m\n", line.c_str());
        } else {
            std::printf("%s\n", line.c_str());
        }
        heading = false;
    }
}

std::string progress_line(std::string_view what, std::uint64_t done, std::uint64_t total,
                          double seconds) {
    constexpr int kBar = 30;
    constexpr double kSecondsMin = 0.001;
    const double rate = static_cast<double>(done) / std::max(seconds, kSecondsMin);
    const double share =
        done >= total ? 1.0 : static_cast<double>(done) / static_cast<double>(total);
    std::string left = "?";
    if (done >= total) left = "0";
    if (done > 0 && done < total)
        left = fmt::format("{:.0f}", static_cast<double>(total - done) / rate);
    const int filled = static_cast<int>(share * kBar);
    return fmt::format("{} [{:#<{}}{:.<{}}] {:3.0f}%  {}/s  {} s left", what, "", filled, "",
                       kBar - filled, share * 100, grouped(static_cast<std::uint64_t>(rate)), left);
}

Progress::Progress(std::string what)
    : what_(std::move(what)),
      watching_(is_terminal(STDERR_FILENO)),
      started_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
    if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::show(std::uint64_t done, std::uint64_t total) {
    constexpr auto kRedraw = std::chrono::milliseconds(100);
    const auto now = std::chrono::steady_clock::now();
    if (!watching_ || (shown_ && now - last_ < kRedraw && done < total)) return;
    last_ = now;
    shown_ = true;
    const double seconds = std::chrono::duration<double>(now - started_).count();
    std::fputs(("\r\x1b[K" + progress_line(what_, done, total, seconds)).c_str(), stderr);
}

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3;) {
        i -= 3;
        text.insert(i, 1, ',');
    }
    return text;
}

}  // namespace decklog::cli
