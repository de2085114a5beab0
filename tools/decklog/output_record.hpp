// What is kept of a command's output: its beginning, in UTF-8, however much comes. One thread.
#pragma once

#include <string>
#include <string_view>

namespace decklog::cli {

/// At most `bytes_max` bytes of valid UTF-8, cut between characters; bytes that are none become
/// U+FFFD.
[[nodiscard]] std::string recordable(std::string_view text, std::size_t bytes_max);

class OutputRecord {
  public:
    explicit OutputRecord(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    void add(std::string_view text);
    [[nodiscard]] std::string text() const { return recordable(kept_, bytes_max_); }
    /// There was more.
    [[nodiscard]] bool is_cut() const;

  private:
    std::size_t bytes_max_;
    std::string kept_;
    bool has_more_ = false;
};

}  // namespace decklog::cli
