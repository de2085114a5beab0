#include "tools/decklog/secrets.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace decklog::cli {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kWhite);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

std::size_t index_of(char c) { return static_cast<unsigned char>(c); }

}  // namespace

bool is_secret_name(std::string_view name) {
    constexpr std::array<std::string_view, 4> kEndings{"TOKEN", "SECRET", "PASSWORD", "KEY"};
    std::string upper(name);
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return std::any_of(kEndings.begin(), kEndings.end(),
                       [&upper](std::string_view ending) { return upper.ends_with(ending); });
}

Environment without_secrets(const std::vector<std::string>& variables) {
    Environment environment;
    for (const std::string& variable : variables) {
        const auto equals = variable.find('=');
        if (equals == std::string::npos || !is_secret_name(variable.substr(0, equals))) {
            environment.kept.push_back(variable);
        } else {
            environment.secrets.push_back(variable.substr(equals + 1));
        }
    }
    return environment;
}

SecretMask::SecretMask(const std::vector<std::string>& secrets) {
    for (const std::string& secret : secrets) {
        const std::string_view value = trimmed(secret);
        if (value.empty()) continue;
        secrets_.emplace_back(value);
        first_.set(index_of(value.front()));
    }
}

std::size_t SecretMask::longest_at(std::string_view rest) const {
    std::size_t longest = 0;
    for (const std::string& secret : secrets_) {
        if (secret.size() > longest && rest.starts_with(secret)) longest = secret.size();
    }
    return longest;
}

bool SecretMask::may_begin(std::string_view rest) const {
    return std::any_of(secrets_.begin(), secrets_.end(), [rest](const std::string& secret) {
        return secret.size() > rest.size() && secret.starts_with(rest);
    });
}

std::string SecretMask::pass(bool is_last) {
    std::string out;
    std::size_t at = 0;
    for (; at < held_.size(); ++at) {
        const std::string_view rest = std::string_view(held_).substr(at);
        if (first_.test(index_of(rest.front()))) {
            if (!is_last && may_begin(rest)) break;
            hidden_ = std::max(hidden_, longest_at(rest));
        }
        if (hidden_ == 0) {
            out += rest.front();
        } else if (!was_hidden_) {
            out += kMask;
        }
        was_hidden_ = hidden_ > 0;
        if (hidden_ > 0) --hidden_;
    }
    held_.erase(0, at);
    return out;
}

std::string SecretMask::feed(std::string_view text) {
    held_ += text;
    return pass(false);
}

std::string SecretMask::finish() {
    std::string out = pass(true);
    was_hidden_ = false;
    return out;
}

std::string SecretMask::whole(std::string_view text) const {
    SecretMask mask = *this;
    mask.held_ = text;
    mask.hidden_ = 0;
    mask.was_hidden_ = false;
    return mask.finish();
}

}  // namespace decklog::cli
