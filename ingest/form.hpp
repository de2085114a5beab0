// `application/x-www-form-urlencoded` bodies (Slack). Fields keep where they stand in the body, so
// that a bearer value can be blanked in place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::ingest {

struct FormField {
    std::string key;       // decoded
    std::string value;     // decoded
    std::string_view raw;  // the value as it stands in the body
};
using Form = std::vector<FormField>;

/// nullopt: not a form. Views point into `body`.
[[nodiscard]] std::optional<Form> parse_form(std::string_view body);
/// The first value of a key; empty when absent.
[[nodiscard]] std::string_view form_value(const Form& form, std::string_view key);
/// Some clients send JSON under a form's content type: a body that opens like JSON is JSON.
[[nodiscard]] bool is_form(std::string_view content_type, std::string_view body);

}  // namespace decklog::ingest
