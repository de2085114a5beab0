#include <array>

#include "api/auth/token_book.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 5> kRoles{{{Role::gate, "gate"},
                                                                   {Role::ingest, "ingest"},
                                                                   {Role::viewer, "viewer"},
                                                                   {Role::operator_, "operator"},
                                                                   {Role::admin, "admin"}}};

}  // namespace

std::string_view to_text(Role role) {
    for (const auto& [known, text] : kRoles) {
        if (known == role) return text;
    }
    return {};
}

std::optional<Role> role_from_text(std::string_view text) {
    for (const auto& [role, known] : kRoles) {
        if (known == text) return role;
    }
    return std::nullopt;
}

}  // namespace decklog::api
