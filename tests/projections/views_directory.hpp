// A directory for one test's rows, gone afterwards.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace decklog::projections::test_log {

class ViewsDirectory {
  public:
    ViewsDirectory() {
        std::string name =
            (std::filesystem::temp_directory_path() / "decklog-views-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~ViewsDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ViewsDirectory(const ViewsDirectory&) = delete;
    ViewsDirectory& operator=(const ViewsDirectory&) = delete;
    [[nodiscard]] std::filesystem::path path() const { return path_ / "views"; }

  private:
    std::filesystem::path path_;
};

}  // namespace decklog::projections::test_log
