#include "ingest/platform_traits.hpp"

#include <array>

namespace decklog::ingest {
namespace {

constexpr std::array kTraits{
    PlatformTraits{.platform = Platform::telegram,
                   .name = "telegram",
                   .secret_variable = "TELEGRAM_WEBHOOK_SECRET",
                   .direct_room_is_person = true,
                   .group_id_names_person = false,
                   .message_id_names_person = false,
                   .interaction_id_names_person = true,
                   .reuses_item_ids = true,
                   .reports_edits = true,
                   .reports_deletions = false,
                   .reports_reactions = true,
                   .reports_delivery = false,
                   .edits_sent = true,
                   .deletes_sent = true,
                   .sends_once = false},
    PlatformTraits{.platform = Platform::discord,
                   .name = "discord",
                   .secret_variable = "DISCORD_PUBLIC_KEY",
                   .direct_room_is_person = false,
                   .group_id_names_person = false,
                   .message_id_names_person = false,
                   .interaction_id_names_person = false,
                   .reuses_item_ids = false,
                   .reports_edits = true,
                   .reports_deletions = true,
                   .reports_reactions = true,
                   .reports_delivery = false,
                   .edits_sent = true,
                   .deletes_sent = true,
                   .sends_once = true},
    PlatformTraits{.platform = Platform::whatsapp,
                   .name = "whatsapp",
                   .secret_variable = "WHATSAPP_APP_SECRET",
                   .direct_room_is_person = true,
                   .group_id_names_person = true,
                   .message_id_names_person = true,
                   .interaction_id_names_person = true,
                   .reuses_item_ids = false,
                   .reports_edits = true,
                   .reports_deletions = true,
                   .reports_reactions = true,
                   .reports_delivery = true,
                   .edits_sent = false,
                   .deletes_sent = false,
                   .sends_once = false},
    PlatformTraits{.platform = Platform::slack,
                   .name = "slack",
                   .secret_variable = "SLACK_SIGNING_SECRET",
                   .direct_room_is_person = false,
                   .group_id_names_person = false,
                   .message_id_names_person = false,
                   .interaction_id_names_person = true,
                   .reuses_item_ids = false,
                   .reports_edits = true,
                   .reports_deletions = true,
                   .reports_reactions = true,
                   .reports_delivery = false,
                   .edits_sent = true,
                   .deletes_sent = true,
                   .sends_once = false},
};

struct StatusRank {
    Platform platform;
    std::string_view status;
    std::uint32_t rank;
};
constexpr std::array kStatusRanks{
    StatusRank{Platform::whatsapp, "sent", 1}, StatusRank{Platform::whatsapp, "failed", 2},
    StatusRank{Platform::whatsapp, "delivered", 3}, StatusRank{Platform::whatsapp, "read", 4},
    StatusRank{Platform::whatsapp, "played", 5}};

}  // namespace

const PlatformTraits& traits_of(Platform platform) {
    static_assert(kTraits[static_cast<std::size_t>(Platform::slack)].platform == Platform::slack);
    return kTraits[static_cast<std::size_t>(platform)];
}

std::optional<std::uint32_t> status_rank(Platform platform, std::string_view status) {
    for (const StatusRank& row : kStatusRanks) {
        if (row.platform == platform && row.status == status) return row.rank;
    }
    return std::nullopt;
}

std::string_view to_text(Platform platform) { return traits_of(platform).name; }

std::optional<Platform> platform_from_text(std::string_view text) {
    for (const PlatformTraits& traits : kTraits) {
        if (traits.name == text) return traits.platform;
    }
    return std::nullopt;
}

}  // namespace decklog::ingest
