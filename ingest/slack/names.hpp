// How Slack names people, channels and moments. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "ingest/json_view.hpp"
#include "ingest/normalised.hpp"

namespace decklog::ingest::slack {

/// `1767326125.870439` as microseconds; 0 when it is none.
[[nodiscard]] std::int64_t ts_us(std::string_view ts);

/// A channel is one to one when Slack says `im` or its id begins with D; that id does not name the
/// person.
[[nodiscard]] std::optional<Room> room_of(std::string channel_id, std::string_view channel_type,
                                          std::string_view title = {});

/// `T…` or `E…`.
[[nodiscard]] bool is_team_id(std::string_view text);

}  // namespace decklog::ingest::slack
