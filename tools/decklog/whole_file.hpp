// A file that appears whole or not at all: written beside its name, synced, then renamed. Mode
// 0600, since it may hold what only its owner may read. `-` is standard output, where nothing can
// be taken back. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "domain/result.hpp"
#include "store/directory/private_files.hpp"

namespace decklog::cli {

class WholeFile {
  public:
    /// Errors: io.
    [[nodiscard]] static domain::Result<WholeFile> begin(const std::string& name);
    /// Removes what was not kept.
    ~WholeFile();
    WholeFile(WholeFile&& other) noexcept;
    WholeFile& operator=(WholeFile&&) = delete;
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;

    [[nodiscard]] domain::Result<void> write(std::string_view bytes);
    /// Everything is there: durable under its name when it returns.
    [[nodiscard]] domain::Result<void> keep();

  private:
    WholeFile(std::filesystem::path path, std::filesystem::path temporary,
              store::FileDescriptor file)
        : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {}

    std::filesystem::path path_;       // empty: standard output
    std::filesystem::path temporary_;  // empty: nothing to remove
    store::FileDescriptor file_;
};

}  // namespace decklog::cli
