// A directory of one benchmark run, removed with it; under `build/`, since /tmp may be in memory
// and durability is what is measured.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace decklog::bench {

class Scratch {
  public:
    Scratch(const std::filesystem::path& under, const std::string& name)
        : path_(under / (name + "-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(path_);
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace decklog::bench
