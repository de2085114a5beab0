#include "api/json_writer.hpp"

#include <utility>

#include <boost/json/serialize.hpp>

namespace decklog::api {

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_ += '{';
    has_items_.push_back(false);
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    out_ += '}';
    has_items_.pop_back();
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    separate();
    out_ += '[';
    has_items_.push_back(false);
    return *this;
}

JsonWriter& JsonWriter::end_array() {
    out_ += ']';
    has_items_.pop_back();
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    text(name);
    out_ += ':';
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    return token(boost::json::serialize(boost::json::string_view(value.data(), value.size())));
}

JsonWriter& JsonWriter::boolean(bool value) { return token(value ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return token("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) { return token(on_one_line(json)); }

JsonWriter& JsonWriter::value(const boost::json::value& value) {
    return token(boost::json::serialize(value));
}

std::string JsonWriter::take() {
    has_items_.clear();
    after_key_ = false;
    return std::exchange(out_, {});
}

JsonWriter& JsonWriter::token(std::string_view text) {
    separate();
    out_ += text;
    return *this;
}

void JsonWriter::separate() {
    if (std::exchange(after_key_, false) || has_items_.empty()) return;
    if (has_items_.back()) out_ += ',';
    has_items_.back() = true;
}

std::string on_one_line(std::string_view json) {
    std::string out;
    out.reserve(json.size());
    bool in_string = false;
    bool escaped = false;
    for (const char c : json) {
        if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
        out += c;
        if (escaped) {
            escaped = false;
        } else if (c == '\\') {
            escaped = in_string;
        } else if (c == '"') {
            in_string = !in_string;
        }
    }
    return out;
}

}  // namespace decklog::api
