#include "api/line_splitter.hpp"

#include <algorithm>
#include <utility>

namespace decklog::api {

std::size_t LineSplitter::take(std::string_view bytes) {
    std::size_t taken = 0;
    while (taken < bytes.size() && !is_group_full()) {
        const std::string_view rest = bytes.substr(taken);
        const std::size_t newline = rest.find('\n');
        extend(rest.substr(0, newline));
        if (newline == std::string_view::npos) return bytes.size();
        end_line();
        taken += newline + 1;
    }
    return taken;
}

void LineSplitter::end() {
    if (!line_.empty()) end_line();
}

std::vector<std::string> LineSplitter::take_group() {
    group_bytes_ = 0;
    return std::exchange(group_, {});
}

void LineSplitter::extend(std::string_view piece) {
    // One byte for the proof that the line is too long, one for a `\r` that does not count.
    const std::size_t room = limits_.line_bytes + 2 - line_.size();
    line_.append(piece.substr(0, std::min(piece.size(), room)));
}

void LineSplitter::end_line() {
    if (line_.ends_with('\r')) line_.pop_back();
    line_.resize(std::min(line_.size(), limits_.line_bytes + 1));
    group_bytes_ += line_.size();
    group_.push_back(std::exchange(line_, {}));
}

}  // namespace decklog::api
