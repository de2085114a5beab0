// A command as one types it, in words, without a shell: quotes and backslashes as POSIX shells read
// them, and nothing else. No variable, no pattern, no pipe means anything, so what a command does
// is what stands there. (Boost's escaped_list_separator and split_unix take any quote for the end
// of any other, and refuse `\d`: a jsonpath cannot be written for them.) Pure, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

namespace decklog::domain {

/// Rejections: unbalanced_quote, no_command (no word), not_utf8, too_many_words and word_too_long
/// (limits of what a rollout records).
[[nodiscard]] Decision<std::vector<std::string>> split_words(std::string_view text);

}  // namespace decklog::domain
