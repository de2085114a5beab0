// Secrets of the operator's process: which variables hold one, an environment without them, and
// text in which they are masked. One thread at a time.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::cli {

inline constexpr std::string_view kMask = "***";

/// Its name ends in TOKEN, SECRET, PASSWORD or KEY, in any case.
[[nodiscard]] bool is_secret_name(std::string_view name);

struct Environment {
    std::vector<std::string> kept;     // NAME=VALUE
    std::vector<std::string> secrets;  // values of those that were taken out
};
/// `variables`: NAME=VALUE.
[[nodiscard]] Environment without_secrets(const std::vector<std::string>& variables);

/// Takes text as it comes and gives it on with every secret masked, also one that comes in pieces
/// or overlaps another. Holds back less than the longest secret. White space around a secret is
/// none of it; an empty one hides nothing.
class SecretMask {
  public:
    explicit SecretMask(const std::vector<std::string>& secrets);
    /// What may be shown by now.
    [[nodiscard]] std::string feed(std::string_view text);
    /// The rest. The mask can be used anew.
    [[nodiscard]] std::string finish();
    [[nodiscard]] std::string whole(std::string_view text) const;

  private:
    [[nodiscard]] std::string pass(bool is_last);
    [[nodiscard]] std::size_t longest_at(std::string_view rest) const;
    [[nodiscard]] bool may_begin(std::string_view rest) const;

    std::vector<std::string> secrets_;
    std::bitset<256> first_;  // bytes that a secret begins with
    std::string held_;
    std::size_t hidden_ = 0;  // bytes from here on that belong to a secret
    bool was_hidden_ = false;
};

}  // namespace decklog::cli
