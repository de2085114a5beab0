#include "api/personal_data/reading.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/auth/token_book.hpp"
#include "domain/personal_data/reading.hpp"
#include "domain/time_text.hpp"
#include "store/ledger.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;

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

std::optional<domain::Rejection> record_reading(const Core& core, const PersonalReader& reader,
                                                std::string filter, std::uint64_t count) {
    if (count == 0) return std::nullopt;
    domain::ReadPersonalData command;
    command.by = "token:" + reader.principal.id;
    command.actor = {std::string(to_text(reader.principal.role)), reader.principal.id};
    command.filter = std::move(filter);
    command.count = count;
    command.now_us = core.clock->now_us();
    command.trace_id = reader.trace;
    std::vector<store::Submission> submissions(1);
    submissions.front().intent = domain::read_personal_data(command);
    const auto answers = store::submit_and_wait(*core.ledger, kPartition, std::move(submissions));
    if (answers.front()) return std::nullopt;
    return rejection_of(answers.front().error());
}

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
