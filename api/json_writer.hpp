// Writes JSON text from left to right. Answers must give back what services sent in its own order
// and number format, which a parsed value has lost (Boost.JSON rewrites 1.10 as 1.1E0), so this
// writer takes raw JSON text beside plain values. Nothing is validated: raw text must be JSON
// already. One thread at a time.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

namespace decklog::api {

class JsonWriter {
  public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);

    JsonWriter& text(std::string_view value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    template <std::integral Integer>
    JsonWriter& number(Integer value) {
        return token(std::to_string(value));
    }
    /// JSON text as it stands, without the white space between its tokens, so that it fits on one
    /// line.
    JsonWriter& raw(std::string_view json);
    JsonWriter& value(const boost::json::value& value);

    // One member of an object.
    JsonWriter& field(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    JsonWriter& field_if_any(std::string_view name, std::string_view value) {
        return value.empty() ? *this : field(name, value);
    }

    [[nodiscard]] std::size_t size() const { return out_.size(); }
    /// The text; the writer is empty after it.
    [[nodiscard]] std::string take();

  private:
    JsonWriter& token(std::string_view text);
    void separate();

    std::string out_;
    std::vector<bool> has_items_;  // per open object or array
    bool after_key_ = false;
};

/// JSON text without the white space between its tokens.
[[nodiscard]] std::string on_one_line(std::string_view json);

}  // namespace decklog::api
