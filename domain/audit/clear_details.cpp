#include "domain/audit/clear_details.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace decklog::domain {
namespace {

constexpr std::array<std::string_view, 17> kClearPaths{
    "conversation.id",
    "conversationId",
    "decision.*",
    "delivery.platform",
    "escalationReasonCode",
    "linkage.resolved",
    "linkage.strategy",
    "next.*",
    "outcome",
    "platform",
    "platformPolicy.platform",
    "previous.*",
    "provider",
    "reason",
    "retry.*",
    "stage",
    "workflowOutcome",
};

constexpr std::string_view kWildcard = ".*";
constexpr std::size_t kInventedKeyBytesMax = 64;

// Parts of keys, in lower case, that announce prose, a person or a secret.
constexpr std::array<std::string_view, 16> kPrivateKeyParts{
    "address", "body", "contact",  "description", "detail",   "email",  "error", "message",
    "name",    "note", "password", "phone",       "response", "secret", "text",  "token",
};

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

/// Keys stand in the clear as well, so one that anybody may invent must look like an identifier.
bool is_harmless_key(std::string_view key) {
    if (key.empty() || key.size() > kInventedKeyBytesMax) return false;
    if (!std::all_of(key.begin(), key.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_'; })) {
        return false;
    }
    const std::string lowered = lower(key);
    return std::none_of(
        kPrivateKeyParts.begin(), kPrivateKeyParts.end(),
        [&](std::string_view part) { return lowered.find(part) != std::string::npos; });
}

bool is_string(std::string_view token) { return token.size() >= 2 && token.front() == '"'; }

bool is_short_scalar(std::string_view token) {
    return !token.empty() && token.size() <= kClearDetailBytesMax && token.front() != '{' &&
           token.front() != '[';
}

bool is_word(std::string_view token) {
    const std::string_view text = token.substr(1, token.size() - 2);
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_letter_or_digit(c) || std::string_view("_.:+-").find(c) != std::string_view::npos;
    });
}

std::string joined(const std::vector<std::string>& keys) {
    std::string path;
    for (const std::string& key : keys) {
        if (!path.empty()) path.push_back('.');
        path.append(key);
    }
    return path;
}

bool has_dotted_or_empty_key(const std::vector<std::string>& keys) {
    return std::any_of(keys.begin(), keys.end(), [](const std::string& key) {
        return key.empty() || key.find('.') != std::string::npos;
    });
}

bool is_named(std::string_view path) {
    return std::binary_search(kClearPaths.begin(), kClearPaths.end(), path);
}

bool is_below_wildcard(std::string_view path) {
    const auto dot = path.find('.');
    if (dot == std::string_view::npos || dot + 1 == path.size()) return false;
    if (path.find('.', dot + 1) != std::string_view::npos) return false;
    return is_named(std::string(path.substr(0, dot)).append(kWildcard));
}

bool may_be_copied(const DetailLeaf& leaf, std::string_view path) {
    if (has_dotted_or_empty_key(leaf.keys) || !is_short_scalar(leaf.token)) return false;
    if (is_below_wildcard(path)) {
        return is_harmless_key(leaf.keys.back()) && (!is_string(leaf.token) || is_word(leaf.token));
    }
    return is_clear_path(path);
}

}  // namespace

std::span<const std::string_view> clear_paths() { return kClearPaths; }

bool is_clear_path(std::string_view dotted_path) {
    if (dotted_path.ends_with(kWildcard)) return false;
    return is_named(dotted_path) || is_below_wildcard(dotted_path);
}

SplitDetails split_details(std::span<const DetailLeaf> leaves) {
    SplitDetails split;
    std::map<std::string, std::string_view> known;
    for (const DetailLeaf& leaf : leaves) {
        std::string path = joined(leaf.keys);
        if (!may_be_copied(leaf, path)) {
            split.needs_sealing = true;
        } else if (!known.insert_or_assign(std::move(path), leaf.token).second) {
            split.needs_sealing = true;
        }
    }
    for (auto& [path, token] : known) split.known.push_back({path, std::string(token)});
    return split;
}

}  // namespace decklog::domain
