// The words of one command: some by their place, the others by their option (`--weight 5` or
// `--weight=5`). An option that the command does not know is refused: what is silently left out
// changes what was meant. Pure, one thread at a time.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

namespace decklog::api::chat {

class Arguments {
  public:
    /// Rejections: unknown_option, also of one that stands twice; missing_option, of one without a
    /// value.
    [[nodiscard]] static domain::Decision<Arguments> read(
        std::span<const std::string> words, std::span<const std::string_view> options);

    [[nodiscard]] std::size_t places() const { return places_.size(); }
    [[nodiscard]] const std::string& place(std::size_t at) const { return places_.at(at); }
    /// Null: not given.
    [[nodiscard]] const std::string* option(std::string_view name) const;

  private:
    std::vector<std::string> places_;
    std::map<std::string, std::string, std::less<>> options_;
};

}  // namespace decklog::api::chat
