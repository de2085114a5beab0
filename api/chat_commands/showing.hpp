// What a person in chat is told: the route's answer in a few lines of plain text. Platforms cut and
// escape it in their own ways (ingest). The same answer gives the same bytes. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api/chat_commands/words.hpp"
#include "api/http.hpp"
#include "domain/result.hpp"

namespace decklog::api::chat {

/// `given_at_us`: an override that ended before is not shown as in force.
[[nodiscard]] std::string shown(const Order& order, const Answer& answer, std::int64_t given_at_us);
/// `--expires: write for how long, …`
[[nodiscard]] std::string shown(const domain::Rejection& rejection);

/// To somebody who is not listed. Repeats nothing that was written.
[[nodiscard]] std::string_view not_listed_text();
[[nodiscard]] std::string_view still_working_text();
[[nodiscard]] std::string_view busy_text();
[[nodiscard]] std::string_view only_text_text();

}  // namespace decklog::api::chat
