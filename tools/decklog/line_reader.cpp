#include "tools/decklog/line_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace decklog::cli {
namespace {

constexpr std::size_t kReadBytes = 1U << 20U;

}  // namespace

domain::Result<LineReader> LineReader::open(const std::string& name, std::size_t line_bytes_max) {
    const bool is_pipe = name == "-";
    store::FileDescriptor file(is_pipe ? ::dup(STDIN_FILENO)
                                       : ::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return store::io_error("open " + (is_pipe ? "standard input" : name));
    struct stat info {};
    if (::fstat(file.get(), &info) != 0) return store::io_error("read " + name);
    if (S_ISDIR(info.st_mode)) {
        return domain::fail(domain::ErrorCode::invalid_argument, name + " is a directory");
    }
    const auto bytes =
        S_ISREG(info.st_mode) ? static_cast<std::uint64_t>(info.st_size) : std::uint64_t{0};
    return LineReader(std::move(file), is_pipe ? "standard input" : name, bytes, line_bytes_max);
}

domain::Result<bool> LineReader::fill() {
    buffer_.resize(kReadBytes);
    begin_ = 0;
    ssize_t got = 0;
    do {
        got = ::read(file_.get(), buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return store::io_error("read " + name_);
    buffer_.resize(static_cast<std::size_t>(got));
    bytes_read_ += static_cast<std::uint64_t>(got);
    return got > 0;
}

void LineReader::extend(store::NumberedLine& line, std::string_view piece) const {
    // One more for a `\r` that is still to be dropped.
    const std::size_t room = line_bytes_max_ + 1 - std::min(line.text.size(), line_bytes_max_ + 1);
    line.text.append(piece.substr(0, room));
    line.is_too_long = line.is_too_long || piece.size() > room;
}

domain::Result<std::optional<store::NumberedLine>> LineReader::next() {
    using Line = std::optional<store::NumberedLine>;
    while (true) {
        store::NumberedLine line{lines_ + 1, {}, false};
        bool has_ended = false;
        bool is_any = false;
        while (!has_ended) {
            if (begin_ == buffer_.size()) {
                const auto more = fill();
                if (!more) return tl::unexpected(more.error());
                if (!*more) break;
            }
            is_any = true;
            const std::size_t end = std::min(buffer_.find('\n', begin_), buffer_.size());
            has_ended = end < buffer_.size();
            extend(line, std::string_view(buffer_).substr(begin_, end - begin_));
            begin_ = end + (has_ended ? 1 : 0);
        }
        if (!is_any) return Line{};
        ++lines_;
        if (line.text.ends_with('\r') && !line.is_too_long) line.text.pop_back();
        line.is_too_long = line.is_too_long || line.text.size() > line_bytes_max_;
        if (line.text.find_first_not_of(" \t") != std::string::npos) return Line(std::move(line));
    }
}

}  // namespace decklog::cli
