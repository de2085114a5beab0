// What somebody wrote behind a command in chat, as the request of the API that it is: the words are
// those of the command line (`rollout stage lease-7 canary --weight 5`), so nobody learns two
// languages, and what may be done is what a route does. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http.hpp"
#include "domain/result.hpp"

namespace decklog::api::chat {

/// How the route's answer is shown.
enum class Shows : std::uint8_t { help, list, rollout, verdict, standing };

struct Order {
    Shows shows = Shows::help;
    std::string rollout{};  // its id
    Method method = Method::get;
    std::string path{};
    std::vector<std::pair<std::string, std::string>> query{};
    std::string body{};
};

/// `person`: the platform's id of whoever wrote it, which may not stand in it. `given_at_us`: when
/// it was recorded; `--expires 2h` counts from there, so that a redelivery asks for the same. No
/// words are `help`. Rejections name the word or option in `field`: command_too_long (limit), those
/// of domain::split_words, unknown_command, missing_word, unknown_word, missing_option,
/// unknown_option, invalid_name, invalid_weight, invalid_duration, mentions_somebody.
[[nodiscard]] domain::Decision<Order> read_order(std::string_view text, std::string_view person,
                                                 std::int64_t given_at_us);

[[nodiscard]] std::string_view help_text();

}  // namespace decklog::api::chat
