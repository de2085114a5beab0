// Boost.JSON's event parser with the house's rules and refusals. A handler derives from JsonEvents
// and hides what it wants to hear of. Only .cpp files of store/ include this: the parser is a heavy
// template.
#pragma once

#include <boost/json/basic_parser_impl.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace decklog::store {

/// Hears everything, does nothing. Views are parts: of the input, or of a short-lived buffer where
/// an escape was resolved.
struct JsonEvents {
    using View = boost::json::string_view;
    using Code = boost::json::error_code;

    static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
    static constexpr std::size_t max_object_size = max_array_size;
    static constexpr std::size_t max_string_size = max_array_size;
    static constexpr std::size_t max_key_size = max_array_size;

    static bool on_document_begin(Code&) { return true; }
    static bool on_document_end(Code&) { return true; }
    static bool on_array_begin(Code&) { return true; }
    static bool on_array_end(std::size_t, Code&) { return true; }
    static bool on_object_begin(Code&) { return true; }
    static bool on_object_end(std::size_t, Code&) { return true; }
    static bool on_string_part(View, std::size_t, Code&) { return true; }
    static bool on_string(View, std::size_t, Code&) { return true; }
    static bool on_key_part(View, std::size_t, Code&) { return true; }
    static bool on_key(View, std::size_t, Code&) { return true; }
    static bool on_number_part(View, Code&) { return true; }
    static bool on_int64(std::int64_t, View, Code&) { return true; }
    static bool on_uint64(std::uint64_t, View, Code&) { return true; }
    static bool on_double(double, View, Code&) { return true; }
    static bool on_bool(bool, Code&) { return true; }
    static bool on_null(Code&) { return true; }
    static bool on_comment_part(View, Code&) { return true; }
    static bool on_comment(View, Code&) { return true; }
};

/// Runs the whole text through the parser's handler. nullopt: it is JSON (the handler may still
/// have stopped it by its own error, which then comes back as `invalid_json`).
template <class Handler>
[[nodiscard]] std::optional<domain::Rejection> parse_events(
    boost::json::basic_parser<Handler>& parser, std::string_view text, std::size_t depth_max) {
    boost::json::error_code error;
    std::size_t used = 0;
    if (!text.empty()) used = parser.write_some(false, text.data(), text.size(), error);
    if (error == boost::json::error::too_deep) {
        return domain::Rejection{"json_too_deep",
                                 "nest fewer objects and arrays",
                                 {},
                                 static_cast<std::int64_t>(depth_max)};
    }
    if (error || used != text.size() || text.empty()) {
        // Boost's words name the rule that was broken and never quote the text.
        const std::string rule = error ? error.message() : text.empty() ? "empty" : "extra data";
        return domain::Rejection{"invalid_json", "send one JSON value (RFC 8259): " + rule};
    }
    return std::nullopt;
}

[[nodiscard]] inline boost::json::parse_options json_options(std::size_t depth_max) {
    boost::json::parse_options options;
    options.max_depth = depth_max;
    return options;
}

}  // namespace decklog::store
