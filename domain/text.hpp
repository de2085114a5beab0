// What text from outside must look like before it may stand in the log: one set of rules, so that
// every door refuses the same things. Pure, any thread.
#pragma once

#include <string_view>

namespace decklog::domain {

/// Well-formed UTF-8: shortest forms only, no surrogates, nothing past U+10FFFF. The empty text is.
[[nodiscard]] bool is_utf8(std::string_view text);

/// An id from outside: 1-200 bytes of UTF-8 without control characters (C0, DEL, C1).
[[nodiscard]] bool is_outside_id(std::string_view text);

/// UTF-8 without control characters (C0, DEL, C1). The empty text is.
[[nodiscard]] bool is_plain_text(std::string_view text);

/// A name that people give (token, room, rollout, release, gate):
/// `[A-Za-z0-9][A-Za-z0-9._:-]{0,127}`.
[[nodiscard]] bool is_name(std::string_view text);

/// A workspace: 1-64 of `[a-z0-9-]`.
[[nodiscard]] bool is_workspace(std::string_view text);

}  // namespace decklog::domain
