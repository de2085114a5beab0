#include "api/queries/native_ids.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "domain/ids.hpp"
#include "ingest/inbound.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 4> kPlatforms{"telegram", "discord", "whatsapp", "slack"};
constexpr std::string_view kDefaultAccount = "default";

struct Named {
    std::string_view platform;
    std::string_view account;
    std::string_view id;
};

/// `platform:id` and `platform:account:id`; nullopt when the first part is no chat platform.
std::optional<Named> split(std::string_view value, char separator) {
    const auto first = value.find(separator);
    if (first == std::string_view::npos || !ingest::platform_from_text(value.substr(0, first)))
        return std::nullopt;
    Named named{value.substr(0, first), kDefaultAccount, value.substr(first + 1)};
    if (const auto second = named.id.find(separator); second != std::string_view::npos) {
        named.account = named.id.substr(0, second);
        named.id.remove_prefix(second + 1);
    }
    return named;
}

/// The name of a direct room whose platform id does not name the person.
std::string room_hash(const store::Vault& vault, const Named& named) {
    const std::string_view parts[] = {named.platform, named.account, named.id};
    return "c_" + domain::to_hex(vault.keyed_hash(store::HashPurpose::room, parts));
}

domain::Result<std::optional<std::string>> person(const store::Vault& vault,
                                                  std::string_view platform, std::string_view id) {
    const auto subject = vault.find_subject({"person", std::string(platform), std::string(id)});
    if (!subject) return tl::unexpected(subject.error());
    if (!*subject) return std::nullopt;
    return domain::to_text(**subject);
}

}  // namespace

domain::Result<std::vector<std::string>> envelope_names(const store::Vault& vault,
                                                        std::string_view value) {
    std::vector<std::string> names{std::string(value)};
    const auto add_person = [&](std::string_view platform,
                                std::string_view id) -> domain::Result<void> {
        auto found = person(vault, platform, id);
        if (!found) return tl::unexpected(found.error());
        if (*found) names.push_back(std::move(**found));
        return {};
    };
    if (const auto named = split(value, ':')) {
        names.emplace_back(named->id);
        names.push_back(room_hash(vault, *named));
        if (auto added = add_person(named->platform, named->id); !added)
            return tl::unexpected(added.error());
        return names;
    }
    for (const std::string_view platform : kPlatforms) {
        names.push_back(room_hash(vault, {platform, kDefaultAccount, value}));
        if (auto added = add_person(platform, value); !added) return tl::unexpected(added.error());
    }
    return names;
}

domain::Result<std::string> stream_by_native_id(const store::Vault& vault,
                                                std::string_view stream) {
    constexpr std::string_view kRoom = "room/";
    if (!stream.starts_with(kRoom)) return std::string(stream);
    const auto named = split(stream.substr(kRoom.size()), '/');
    if (!named) return std::string(stream);
    const auto found = person(vault, named->platform, named->id);
    if (!found) return tl::unexpected(found.error());
    if (!*found) return std::string(stream);
    return std::string(stream.substr(0, stream.size() - named->id.size())) + **found;
}

domain::Result<std::vector<std::string>> room_ids(const store::Vault& vault, std::string_view id) {
    std::vector<std::string> ids{std::string(id)};
    const auto named = split(id, ':');
    if (!named) return ids;
    const auto found = person(vault, named->platform, named->id);
    if (!found) return tl::unexpected(found.error());
    const std::string prefix =
        std::string(named->platform) + ":" + std::string(named->account) + ":";
    ids.push_back(prefix + std::string(named->id));
    ids.push_back(prefix + room_hash(vault, *named));
    if (*found) ids.push_back(prefix + **found);
    return ids;
}

}  // namespace decklog::api
