#include "api/personal_data/asked_for.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

void append_pair(std::string& text, std::string_view name, std::string_view value) {
    if (!text.empty()) text += '&';
    text.append(name).append("=");
    constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20U || byte == 0x7FU || c == '%' || c == '&' || c == '=') {
            text += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
        } else {
            text += c;
        }
    }
}

void append_place(std::string& text, std::string_view name,
                  const std::optional<domain::Position>& place) {
    if (place) {
        append_pair(text, name,
                    std::to_string(place->partition) + ":" + std::to_string(place->ordinal));
    }
}

void append_time(std::string& text, std::string_view name,
                 const std::optional<std::int64_t>& time_us) {
    if (time_us) append_pair(text, name, domain::to_rfc3339(*time_us));
}

using Values = std::vector<std::string>;

void keep(Values& met, const Values& wanted, std::string_view value) {
    if (wanted.empty() || std::find(wanted.begin(), wanted.end(), value) == wanted.end()) return;
    if (std::find(met.begin(), met.end(), value) == met.end()) met.emplace_back(value);
}

}  // namespace

void AskedFor::note(const domain::EventView& event) {
    keep(met_.types, filter_->types, event.type_name());
    if (const auto* carrier = domain::find_type(event.type()))
        keep(met_.types, filter_->types, carrier->name);
    keep(met_.actions, filter_->actions, event.action());
    keep(met_.streams, filter_->streams, event.stream());
    keep(met_.conversations, filter_->conversations, event.conversation());
    keep(met_.actors, filter_->actors, event.actor_id());
    keep(met_.platforms, filter_->platforms, event.platform());
    keep(met_.accounts, filter_->accounts, event.account());
    keep(met_.cohorts, filter_->cohorts, domain::to_text(event.cohort()));
    keep(met_.releases, filter_->releases, event.release());
    keep(met_.correlations, filter_->correlations, event.correlation_id());
}

std::string AskedFor::text() const {
    std::string text;
    const std::pair<std::string_view, const Values*> kinds[] = {
        {"type", &met_.types},       {"action", &met_.actions},
        {"stream", &met_.streams},   {"conversation", &met_.conversations},
        {"actor", &met_.actors},     {"platform", &met_.platforms},
        {"account", &met_.accounts}, {"cohort", &met_.cohorts},
        {"release", &met_.releases}, {"correlation", &met_.correlations}};
    for (const auto& [name, values] : kinds) {
        for (const std::string& value : *values) append_pair(text, name, value);
    }
    append_place(text, "from", filter_->from);
    append_place(text, "to", filter_->to);
    append_time(text, "since", filter_->since_us);
    append_time(text, "until", filter_->until_us);
    return text;
}

}  // namespace decklog::api
