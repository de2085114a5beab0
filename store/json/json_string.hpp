// One JSON string literal, the same for equal text: the shape that canonical JSON hashes and that
// log lines carry. Quote, backslash and everything a terminal may act on (C0, DEL, C1) are escaped,
// all else stands as UTF-8; bytes that are not UTF-8 become U+FFFD, so the output is always valid
// JSON. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace decklog::store {

/// Appends `text` between quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace decklog::store
