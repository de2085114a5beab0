// What the fixtures say about people: phone numbers, names, texts, tokens; and every form in base64
// that such a word can take inside a longer value. For tests that search bytes for them.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace decklog::ingest::fixtures {

[[nodiscard]] std::set<std::string> personal_words();

/// The text in base64 wherever it may begin: the characters that do not depend on its neighbours.
[[nodiscard]] std::vector<std::string> base64_forms(const std::string& text);

}  // namespace decklog::ingest::fixtures
