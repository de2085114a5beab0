#include "tools/decklog/policy_arg.hpp"

#include <fstream>

#include "api/gate/policy_file.hpp"
#include "domain/gate/profiles.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {

domain::Result<std::string> policy_given(const std::string& name) {
    if (domain::gate::find_profile(name)) return name;
    std::ifstream file(name, std::ios::binary);
    std::string text(api::kPolicyBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !file.is_open())
        return domain::fail(
            domain::ErrorCode::io,
            "'" + printable(name) +
                "' cannot be read, and is none of the built-in profiles default and lease-bot");
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

}  // namespace decklog::cli
