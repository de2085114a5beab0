#include "api/gate/toml_table.hpp"

#include <limits>

namespace decklog::api {
namespace {

/// A whole number may be written for any number.
std::optional<double> number_in(const toml::node& node) {
    if (const auto* real = node.as_floating_point()) return real->get();
    if (const auto* whole = node.as_integer()) return static_cast<double>(whole->get());
    return std::nullopt;
}

}  // namespace

void TomlReading::place(const std::string& path, const toml::node& node) {
    lines_[path] = node.source().begin.line;
}

std::uint32_t TomlReading::line_of(std::string path) const {
    while (true) {
        if (const auto found = lines_.find(path); found != lines_.end()) return found->second;
        const auto end = path.find_last_of(".[");
        if (end == std::string::npos) return 0;
        path.resize(end);
    }
}

void TomlReading::refuse(const std::string& path, const std::string& rule,
                         std::optional<std::int64_t> limit) {
    if (refusal_) return;
    const std::uint32_t line = line_of(path);
    const std::string where = line == 0 ? "" : "line " + std::to_string(line) + ": ";
    refusal_ = domain::Rejection{code_, where + path + " " + rule, path, limit};
}

TomlTable::TomlTable(const toml::table& table, std::string path, TomlReading& reading)
    : table_(table), path_(std::move(path)), reading_(reading) {}

std::string TomlTable::path(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::string TomlTable::item(std::string_view key, std::size_t index) const {
    return path(key) + "[" + std::to_string(index) + "]";
}

const toml::node* TomlTable::find(std::string_view key) {
    known_.emplace(key);
    const toml::node* node = table_.get(key);
    if (node != nullptr) reading_.place(path(key), *node);
    return node;
}

const toml::array* TomlTable::list(std::string_view key) {
    const toml::node* node = find(key);
    if (node == nullptr) return nullptr;
    const toml::array* array = node->as_array();
    if (array == nullptr) refuse(key, "must be a list");
    return array;
}

TomlTable& TomlTable::number(std::string_view key, double& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return *this;
    const auto value = number_in(*node);
    if (value)
        into = *value;
    else
        refuse(key, "must be a number");
    return *this;
}

TomlTable& TomlTable::count(std::string_view key, std::uint32_t& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return *this;
    constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
    const auto* whole = node->as_integer();
    if (whole != nullptr && whole->get() >= 0 && whole->get() <= kMost) {
        into = static_cast<std::uint32_t>(whole->get());
        return *this;
    }
    std::optional<std::int64_t> limit;
    if (whole != nullptr) limit = whole->get() < 0 ? 0 : kMost;
    reading_.refuse(path(key), "must be a whole number from 0 to 4294967295", limit);
    return *this;
}

TomlTable& TomlTable::truth(std::string_view key, bool& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return *this;
    if (const auto* value = node->as_boolean())
        into = value->get();
    else
        refuse(key, "must be true or false");
    return *this;
}

TomlTable& TomlTable::text(std::string_view key, std::string& into) {
    const toml::node* node = find(key);
    if (node == nullptr) return *this;
    if (const auto* value = node->as_string())
        into = value->get();
    else
        refuse(key, "must be a text");
    return *this;
}

TomlTable& TomlTable::texts(std::string_view key, std::vector<std::string>& into) {
    const toml::array* array = list(key);
    if (array == nullptr) return *this;
    into.clear();
    for (std::size_t i = 0; i < array->size(); ++i) {
        reading_.place(item(key, i), (*array)[i]);
        if (const auto* value = (*array)[i].as_string())
            into.push_back(value->get());
        else
            reading_.refuse(item(key, i), "must be a text");
    }
    return *this;
}

TomlTable& TomlTable::numbers(std::string_view key, std::vector<double>& into) {
    const toml::array* array = list(key);
    if (array == nullptr) return *this;
    into.clear();
    for (std::size_t i = 0; i < array->size(); ++i) {
        reading_.place(item(key, i), (*array)[i]);
        if (const auto value = number_in((*array)[i]))
            into.push_back(*value);
        else
            reading_.refuse(item(key, i), "must be a number");
    }
    return *this;
}

TomlTable& TomlTable::mixture(std::string_view key, domain::gate::Mixture& into) {
    const toml::array* array = list(key);
    if (array == nullptr) return *this;
    into.clear();
    for (std::size_t i = 0; i < array->size(); ++i) {
        const toml::node& node = (*array)[i];
        reading_.place(item(key, i), node);
        const toml::array* pair = node.as_array();
        const bool is_pair = pair != nullptr && pair->size() == 2;
        const auto value = is_pair ? number_in((*pair)[0]) : std::nullopt;
        const auto weight = is_pair ? number_in((*pair)[1]) : std::nullopt;
        if (value && weight)
            into.push_back({*value, *weight});
        else
            reading_.refuse(item(key, i), "must be a pair of a value and its weight");
    }
    return *this;
}

void TomlTable::done() {
    for (const auto& [key, node] : table_) {
        if (known_.contains(key.str())) continue;
        reading_.place(path(key.str()), node);
        refuse(key.str(), "is not a key that decklog knows");
    }
}

}  // namespace decklog::api
