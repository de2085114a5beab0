// Reads a file or a pipe line by line, however long it is. Lines are numbered from 1; a `\r` before
// the newline is dropped, and so is the rest of a line that is too long. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/result.hpp"
#include "store/directory/private_files.hpp"
#include "store/import/full_import.hpp"

namespace decklog::cli {

class LineReader {
  public:
    /// `-` is standard input. Errors: io.
    [[nodiscard]] static domain::Result<LineReader> open(const std::string& name,
                                                         std::size_t line_bytes_max);
    /// nullopt at the end. Lines that hold nothing are passed over. Errors: io.
    [[nodiscard]] domain::Result<std::optional<store::NumberedLine>> next();
    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
    /// Of a plain file; 0 for a pipe.
    [[nodiscard]] std::uint64_t bytes_total() const { return bytes_total_; }

  private:
    LineReader(store::FileDescriptor file, std::string name, std::uint64_t bytes_total,
               std::size_t line_bytes_max)
        : file_(std::move(file)),
          name_(std::move(name)),
          bytes_total_(bytes_total),
          line_bytes_max_(line_bytes_max) {}
    [[nodiscard]] domain::Result<bool> fill();
    void extend(store::NumberedLine& line, std::string_view piece) const;

    store::FileDescriptor file_;
    std::string name_;
    std::uint64_t bytes_total_;
    std::size_t line_bytes_max_;
    std::string buffer_;
    std::size_t begin_ = 0;
    std::uint64_t bytes_read_ = 0;
    std::uint64_t lines_ = 0;
};

}  // namespace decklog::cli
