#include "domain/account/credentials.hpp"

#include <algorithm>
#include <array>

#include "domain/limits.hpp"

namespace decklog::domain {
namespace {

enum class Part { login, password, whole };

struct Known {
    std::string_view key;
    Part part;
};

constexpr std::array kKnown{
    Known{"loginId", Part::login},
    Known{"loginIdRef", Part::login},
    Known{"username", Part::login},
    Known{"usernameRef", Part::login},
    Known{"email", Part::login},
    Known{"emailRef", Part::login},
    Known{"password", Part::password},
    Known{"passwordRef", Part::password},
    Known{"sessionRef", Part::whole},
    Known{"storageStateRef", Part::whole},
    Known{"storageStatePathRef", Part::whole},
    Known{"userDataDir", Part::whole},
    Known{"userDataDirRef", Part::whole},
};

constexpr std::string_view kScheme = "env:";

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

const Known* find_known(std::string_view key) {
    const auto* found =
        std::find_if(kKnown.begin(), kKnown.end(), [key](const Known& k) { return k.key == key; });
    return found == kKnown.end() ? nullptr : found;
}

/// A key that nobody knows may be a secret in the wrong place: it is repeated only if it looks like
/// a mistyped one, of letters alone.
std::string field_of(std::string_view key) {
    constexpr std::size_t kLettersMax = 24;
    const bool is_word = !key.empty() && key.size() <= kLettersMax &&
                         std::all_of(key.begin(), key.end(), [](char c) {
                             return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                         });
    return is_word ? "credentials." + std::string(key) : "credentials";
}

Decision<void> check_one(const Credential& credential) {
    if (find_known(credential.key) == nullptr) {
        return reject("unknown_field",
                      "the keys are loginId, username, email, password, session, storageState, "
                      "storageStatePath and userDataDir, most of them with Ref behind",
                      field_of(credential.key));
    }
    if (!variable_of(credential.ref)) {
        return reject("CREDENTIAL_PLAINTEXT_FORBIDDEN",
                      "a credential is a reference, env:NAME; the secret stays in the variable",
                      "credentials." + credential.key);
    }
    return {};
}

}  // namespace

std::optional<std::string_view> variable_of(std::string_view ref) {
    if (!ref.starts_with(kScheme)) return std::nullopt;
    const std::string_view name = ref.substr(kScheme.size());
    if (name.empty() || name.size() > limits::kNameBytesMax || !is_letter(name.front()))
        return std::nullopt;
    const bool is_name = std::all_of(name.begin(), name.end(),
                                     [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
    return is_name ? std::optional(name) : std::nullopt;
}

Decision<void> check_credentials(std::span<const Credential> credentials) {
    bool has_login = false, has_password = false, has_whole = credentials.empty();
    for (const Credential& credential : credentials) {
        if (auto checked = check_one(credential); !checked) return checked;
        const Part part = find_known(credential.key)->part;
        has_login = has_login || part == Part::login;
        has_password = has_password || part == Part::password;
        has_whole = has_whole || part == Part::whole;
    }
    if (has_whole || (has_login && has_password)) return {};
    return reject("CREDENTIAL_MISSING",
                  "give a session, a stored state, a profile directory, or a login and a password",
                  "credentials");
}

}  // namespace decklog::domain
