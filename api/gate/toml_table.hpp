// One table of a TOML document, read key by key into typed fields. The first thing that is wrong is
// kept and everything after it is skipped, so that reading is a plain list of keys. One thread.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "domain/gate/log_space.hpp"
#include "domain/result.hpp"

namespace decklog::api {

/// Where each key stands, by its path, and the first refusal.
class TomlReading {
  public:
    explicit TomlReading(std::string code) : code_(std::move(code)) {}

    void place(const std::string& path, const toml::node& node);
    void refuse(const std::string& path, const std::string& rule,
                std::optional<std::int64_t> limit = std::nullopt);
    [[nodiscard]] bool is_refused() const { return refusal_.has_value(); }
    [[nodiscard]] const std::optional<domain::Rejection>& refusal() const { return refusal_; }

  private:
    /// Of the key or of the nearest one around it; 0: unknown.
    [[nodiscard]] std::uint32_t line_of(std::string path) const;

    std::string code_;
    std::map<std::string, std::uint32_t> lines_;
    std::optional<domain::Rejection> refusal_;
};

class TomlTable {
  public:
    TomlTable(const toml::table& table, std::string path, TomlReading& reading);

    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
    TomlTable& number(std::string_view key, double& into);
    TomlTable& count(std::string_view key, std::uint32_t& into);
    TomlTable& truth(std::string_view key, bool& into);
    TomlTable& text(std::string_view key, std::string& into);
    TomlTable& texts(std::string_view key, std::vector<std::string>& into);
    TomlTable& numbers(std::string_view key, std::vector<double>& into);
    TomlTable& mixture(std::string_view key, domain::gate::Mixture& into);
    /// A text that is one of `choices`, whose to_text gives the word.
    template <class Choice>
    TomlTable& choice(std::string_view key, std::initializer_list<Choice> choices, Choice& into);
    /// `read(TomlTable&)` once for the table of that name, or for each of the array of tables.
    template <class Read>
    TomlTable& table(std::string_view key, const Read& read);
    template <class Read>
    TomlTable& tables(std::string_view key, const Read& read);
    /// Refuses keys that nobody asked for; the last call.
    void done();

  private:
    [[nodiscard]] const toml::node* find(std::string_view key);
    [[nodiscard]] std::string path(std::string_view key) const;
    [[nodiscard]] std::string item(std::string_view key, std::size_t index) const;
    void refuse(std::string_view key, const std::string& rule) { reading_.refuse(path(key), rule); }
    [[nodiscard]] const toml::array* list(std::string_view key);

    const toml::table& table_;
    std::string path_;
    TomlReading& reading_;
    std::set<std::string, std::less<>> known_;
};

template <class Choice>
TomlTable& TomlTable::choice(std::string_view key, std::initializer_list<Choice> choices,
                             Choice& into) {
    std::string word(to_text(into));
    text(key, word);
    std::string all;
    for (const Choice choice : choices) {
        if (to_text(choice) == word) {
            into = choice;
            return *this;
        }
        all.append(all.empty() ? "" : ", ").append(to_text(choice));
    }
    refuse(key, "must be one of " + all);
    return *this;
}

template <class Read>
TomlTable& TomlTable::table(std::string_view key, const Read& read) {
    const toml::node* node = find(key);
    if (node == nullptr) return *this;
    if (!node->is_table()) {
        refuse(key, "must be a table");
        return *this;
    }
    TomlTable inner(*node->as_table(), path(key), reading_);
    read(inner);
    return *this;
}

template <class Read>
TomlTable& TomlTable::tables(std::string_view key, const Read& read) {
    const toml::array* array = list(key);
    if (array == nullptr) return *this;
    for (std::size_t i = 0; i < array->size() && !reading_.is_refused(); ++i) {
        const toml::node& node = (*array)[i];
        reading_.place(item(key, i), node);
        if (!node.is_table()) {
            reading_.refuse(item(key, i), "must be a table");
            return *this;
        }
        TomlTable inner(*node.as_table(), item(key, i), reading_);
        read(inner);
    }
    return *this;
}

}  // namespace decklog::api
