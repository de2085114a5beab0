// A body that arrives in pieces, cut into lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace decklog::cli {

class LineSplitter {
  public:
    explicit LineSplitter(std::function<void(std::string_view line)> sink)
        : sink_(std::move(sink)) {}

    void feed(std::string_view piece) {
        buffer_ += piece;
        std::size_t begin = 0;
        for (std::size_t end = buffer_.find('\n'); end != std::string::npos;
             end = buffer_.find('\n', begin)) {
            std::string_view line(buffer_.data() + begin, end - begin);
            if (line.ends_with('\r')) line.remove_suffix(1);
            sink_(line);
            begin = end + 1;
        }
        buffer_.erase(0, begin);
    }
    /// The last line, when nothing ended it.
    void finish() {
        if (!buffer_.empty()) sink_(buffer_);
        buffer_.clear();
    }

  private:
    std::function<void(std::string_view)> sink_;
    std::string buffer_;
};

}  // namespace decklog::cli
