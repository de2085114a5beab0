// A disk of a few megabytes for a test of its own: a tmpfs, mounted when the test may mount, and
// unmounted whatever happens. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "tests/e2e/server_process.hpp"

namespace decklog::e2e {

class SmallDisk {
  public:
    explicit SmallDisk(std::uint64_t mib);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    /// Empty: mounted. Else why not.
    [[nodiscard]] const std::string& why_not() const { return why_not_; }
    /// The disk itself; what stands beside it is on another one.
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::uint64_t free_bytes() const;
    /// Takes space away until so much is left; what others free meanwhile is taken, too.
    void leave_free(std::uint64_t bytes);
    /// Gives it all back.
    void give_back();

  private:
    TemporaryFolder folder_;
    std::filesystem::path path_ = folder_.path() / "data";
    std::string why_not_;
};

}  // namespace decklog::e2e
