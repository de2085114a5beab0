#include "domain/token/token_role.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace decklog::domain {
namespace {

constexpr std::array<std::pair<TokenRole, std::string_view>, 5> kRoles{{
    {TokenRole::viewer, "viewer"},
    {TokenRole::operator_, "operator"},
    {TokenRole::ingest, "ingest"},
    {TokenRole::admin, "admin"},
    {TokenRole::gate, "gate"},
}};

}  // namespace

std::string_view to_text(TokenRole role) {
    const auto* found = std::find_if(kRoles.begin(), kRoles.end(),
                                     [role](const auto& r) { return r.first == role; });
    return found == kRoles.end() ? std::string_view{} : found->second;
}

std::optional<TokenRole> token_role_from_text(std::string_view text) {
    const auto* found = std::find_if(kRoles.begin(), kRoles.end(),
                                     [text](const auto& r) { return r.second == text; });
    if (found == kRoles.end()) return std::nullopt;
    return found->first;
}

}  // namespace decklog::domain
