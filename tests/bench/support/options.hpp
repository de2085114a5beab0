// The arguments of a benchmark: `--name value`, nothing else. One thread.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace decklog::bench {

class Options {
  public:
    /// Ends the program with 64, saying which ones there are, at a name that is not in `known`.
    Options(int argc, char** argv, std::initializer_list<std::string_view> known);

    [[nodiscard]] double number(std::string_view name, double fallback) const;
    [[nodiscard]] std::string text(std::string_view name, std::string_view fallback) const;

  private:
    std::map<std::string, std::string, std::less<>> given_;
};

}  // namespace decklog::bench
