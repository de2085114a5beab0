#include "ingest/json_view.hpp"

#include <boost/json/parse.hpp>
#include <charconv>

#include "domain/limits.hpp"
#include "ingest/limits.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::ingest {
namespace {

constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999

bool is_outside_id(std::string_view text) {
    if (text.empty() || text.size() > domain::limits::kOutsideIdBytesMax) return false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) return false;
    }
    return true;
}

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == ':' || c == '-';
}

}  // namespace

domain::Decision<Json> parse_json(std::string_view text) {
    boost::json::error_code failure;
    boost::json::parse_options options;
    options.max_depth = domain::limits::kJsonDepthMax;
    Json value = boost::json::parse(text, failure, {}, options);
    if (failure == boost::json::error::too_deep) {
        return domain::reject("json_too_deep", "nest the JSON less deeply", {},
                              static_cast<std::int64_t>(domain::limits::kJsonDepthMax));
    }
    if (failure) return domain::reject("invalid_json", "the body is not valid JSON");
    return value;
}

const Json* value_at(const JsonObject* object, std::string_view key) {
    return object == nullptr ? nullptr : object->if_contains(key);
}

const JsonObject* object_at(const JsonObject* object, std::string_view key) {
    const Json* value = value_at(object, key);
    return value == nullptr ? nullptr : value->if_object();
}

const JsonArray& array_at(const JsonObject* object, std::string_view key) {
    static const JsonArray kEmpty;
    const Json* value = value_at(object, key);
    const JsonArray* array = value == nullptr ? nullptr : value->if_array();
    return array == nullptr ? kEmpty : *array;
}

std::string_view text_at(const JsonObject* object, std::string_view key) {
    const Json* value = value_at(object, key);
    const boost::json::string* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string_view{} : std::string_view{text->data(), text->size()};
}

std::string id_of_text(std::string_view text) {
    return is_outside_id(text) ? std::string(text) : std::string{};
}

std::string id_of(const Json& value) {
    if (const boost::json::string* text = value.if_string()) {
        return id_of_text({text->data(), text->size()});
    }
    if (const std::int64_t* number = value.if_int64()) return std::to_string(*number);
    if (const std::uint64_t* number = value.if_uint64()) return std::to_string(*number);
    return {};
}

std::string id_at(const JsonObject* object, std::string_view key) {
    const Json* value = value_at(object, key);
    return value == nullptr ? std::string{} : id_of(*value);
}

std::optional<std::int64_t> integer_at(const JsonObject* object, std::string_view key) {
    const Json* value = value_at(object, key);
    if (value == nullptr) return std::nullopt;
    if (const std::int64_t* number = value->if_int64()) return *number;
    const std::string_view text = text_at(object, key);
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return number;
}

bool flag_at(const JsonObject* object, std::string_view key) {
    const Json* value = value_at(object, key);
    const bool* flag = value == nullptr ? nullptr : value->if_bool();
    return flag != nullptr && *flag;
}

std::int64_t seconds_at(const JsonObject* object, std::string_view key) {
    const std::int64_t seconds = integer_at(object, key).value_or(0);
    return seconds <= 0 || seconds > kSecondsMax ? 0 : seconds * 1'000'000;
}

std::string clear_word(std::string_view word) {
    if (word.empty() || word.size() > limits::kWordBytesMax) return "other";
    for (const char c : word) {
        if (!is_word_character(c)) return "other";
    }
    return std::string(word);
}

std::string canonical_or_raw(std::string_view text) {
    auto canonical = store::canonical_json(text, domain::limits::kJsonDepthMax);
    return canonical ? std::move(*canonical) : std::string(text);
}

}  // namespace decklog::ingest
