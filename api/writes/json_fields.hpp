// Reads the fields of one JSON object that came in, by name, with the rules of the API: what is
// missing, of another kind or out of its bounds is a rejection that names the field. The object's
// text stays at hand, because some values must be kept as written. The first rejection is kept. One
// thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "domain/event.hpp"
#include "domain/result.hpp"

namespace decklog::api {

class JsonFields {
  public:
    /// Rejections: invalid_json, json_too_deep, not_an_object. `text` outlives the fields.
    [[nodiscard]] static domain::Decision<JsonFields> read(std::string_view text,
                                                           std::size_t depth_max);

    /// The same for what an operator orders, where of two values under one key neither may be
    /// taken: duplicate_key too.
    [[nodiscard]] static domain::Decision<JsonFields> read_each_once(std::string_view text,
                                                                     std::size_t depth_max);
    /// What an operator orders, with these members and no others.
    [[nodiscard]] static domain::Decision<JsonFields> read_order(
        std::string_view text, std::span<const std::string_view> names);

    /// Refuses members that are not in the list (`unknown_field`); `advice` says what to do.
    void allow(std::span<const std::string_view> names,
               std::string_view advice = "there is no such field");

    /// A string; absent and null are empty. Anything else is refused: `invalid_type`.
    [[nodiscard]] std::string text_or_none(std::string_view name);
    /// Absent and null are false.
    [[nodiscard]] bool truth(std::string_view name);

    /// Absent, null and "" are empty; else an outside id. Numbers are refused: they have no one
    /// spelling.
    [[nodiscard]] std::string id(std::string_view name);
    [[nodiscard]] std::string required_id(std::string_view name);
    /// `[A-Za-z0-9][A-Za-z0-9._:-]{0,127}`.
    [[nodiscard]] std::string name(std::string_view name);
    [[nodiscard]] std::string required_name(std::string_view name);
    /// RFC 3339, at most five minutes ahead of `now_us`; absent or null: nullopt.
    [[nodiscard]] std::optional<std::int64_t> past_time(std::string_view name, std::int64_t now_us);
    /// RFC 3339, anywhere.
    [[nodiscard]] std::int64_t required_time(std::string_view name);
    [[nodiscard]] domain::Cohort cohort(std::string_view name);
    /// The value's text as written; empty when absent or null.
    [[nodiscard]] std::string_view token(std::string_view name) const;
    [[nodiscard]] const boost::json::value* find(std::string_view name) const;
    [[nodiscard]] const boost::json::object& object() const { return object_; }

    void refuse(domain::Rejection rejection);
    [[nodiscard]] const std::optional<domain::Rejection>& refusal() const { return refusal_; }

  private:
    JsonFields(std::string_view text, boost::json::object object)
        : text_(text), object_(std::move(object)) {}
    [[nodiscard]] std::string text(std::string_view name);

    std::string_view text_;
    boost::json::object object_;
    std::optional<domain::Rejection> refusal_;
};

}  // namespace decklog::api
