#include "api/settings/file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "api/settings/layers.hpp"

namespace decklog::api {
namespace {

using Refused = std::optional<tl::unexpected<domain::Error>>;

constexpr std::array<std::string_view, 6> kTextKeys{"data",      "listen",      "hooks_listen",
                                                    "log_level", "admin_token", "metrics_token"};
constexpr std::array<std::string_view, 3> kIntegerKeys{"drain_seconds", "raw_days",
                                                       "disk_free_mib"};
constexpr std::string_view kInFile = " in the configuration file";

template <class Keys>
bool is_one_of(const Keys& keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

tl::unexpected<domain::Error> bad_key(std::string_view key, std::string_view rule) {
    return bad_setting(std::string(key).append(kInFile), rule);
}

Refused take_text(std::string_view key, const toml::node& node, std::string& into) {
    const auto* text = node.as_string();
    if (text == nullptr || text->get().empty()) return bad_key(key, "must be a text");
    into = text->get();
    return std::nullopt;
}

Refused take_integer(std::string_view key, const toml::node& node, std::string& into) {
    const auto* number = node.as_integer();
    if (number == nullptr) return bad_key(key, "must be a whole number");
    into = std::to_string(number->get());
    return std::nullopt;
}

/// A text, or a list of at most `most` of them.
Refused take_texts(std::string_view key, const toml::node& node, std::size_t most,
                   std::vector<std::string>& into) {
    const auto* array = node.as_array();
    if (array == nullptr) return take_text(key, node, into.emplace_back());
    if (array->empty() || array->size() > most) {
        return bad_key(key, "must be a list of 1 to " + std::to_string(most) + " texts");
    }
    for (const toml::node& item : *array) {
        if (auto refused = take_text(key, item, into.emplace_back())) return refused;
    }
    return std::nullopt;
}

/// The tables of a list, written as [[list]]; `take_key` takes one key of one of them.
template <class Item>
Refused take_tables(const std::string& list, const toml::node& node, std::vector<Item>& into,
                    Refused (*take_key)(std::string_view key, const std::string& full,
                                        const toml::node& value, Item& item)) {
    const auto* array = node.as_array();
    if (array == nullptr) return bad_key(list, "must be written as [[" + list + "]]");
    for (const toml::node& each : *array) {
        const std::string at = list + "[" + std::to_string(into.size()) + "]";
        const auto* table = each.as_table();
        if (table == nullptr) return bad_key(at, "must be a table");
        Item& item = into.emplace_back();
        for (const auto& [name, value] : *table) {
            const std::string full = at + "." + std::string(name.str());
            if (auto refused = take_key(name.str(), full, value, item)) return refused;
        }
    }
    return std::nullopt;
}

Refused unknown_key(std::string_view key) {
    return bad_key(key, "is not a key that decklog knows");
}

Refused take_of_account(std::string_view key, const std::string& full, const toml::node& value,
                        FileAccount& account) {
    constexpr std::size_t kLiveSecretsMax = 2;  // during rotation
    if (key == "platform") return take_text(full, value, account.platform);
    if (key == "id") return take_text(full, value, account.id);
    if (key == "workspace") return take_text(full, value, account.workspace);
    if (key == "secret") return take_texts(full, value, kLiveSecretsMax, account.secrets);
    if (key == "verify_token")
        return take_texts(full, value, kLiveSecretsMax, account.verify_tokens);
    if (key == "token") return take_texts(full, value, 1, account.tokens);
    return unknown_key(full);
}

Refused take_accounts(const toml::node& node, std::vector<FileAccount>& accounts) {
    if (auto refused = take_tables("accounts", node, accounts, take_of_account)) return refused;
    for (std::size_t i = 0; i < accounts.size(); ++i) {
        if (accounts[i].platform.empty())
            return bad_key("accounts[" + std::to_string(i) + "].platform", "must be given");
    }
    return std::nullopt;
}

Refused take_of_operator(std::string_view key, const std::string& full, const toml::node& value,
                         FileOperator& into) {
    constexpr std::size_t kPeopleMax = 64;
    if (key == "name") return take_text(full, value, into.name);
    if (key == "role") return take_text(full, value, into.role);
    if (key == "people") return take_texts(full, value, kPeopleMax, into.people);
    return unknown_key(full);
}

Refused take_log(const toml::node& node, FileSettings& settings) {
    const auto* table = node.as_table();
    if (table == nullptr) return bad_key("log", "must be a table");
    for (const auto& [name, value] : *table) {
        const std::string full = "log." + std::string(name.str());
        if (name.str() != "kind") return unknown_key(full);
        std::string kind;
        if (auto refused = take_text(full, value, kind)) return refused;
        if (kind != "embedded" && kind != "kafka")
            return bad_key(full, "must be \"embedded\" or \"kafka\"");
        settings.scalars[full] = kind;
    }
    return std::nullopt;
}

/// librdkafka knows its properties itself; it is asked when the handles are made.
Refused take_kafka(const toml::node& node, FileSettings& settings) {
    const auto* table = node.as_table();
    if (table == nullptr) return bad_key("kafka", "must be a table");
    for (const auto& [name, value] : *table) {
        const std::string full = "kafka." + std::string(name.str());
        if (name.str() != "properties") return unknown_key(full);
        const auto* properties = value.as_table();
        if (properties == nullptr) return bad_key(full, "must be a table");
        for (const auto& [property, text] : *properties) {
            const std::string key(property.str());
            if (auto refused = take_text(full + "." + key, text, settings.kafka_properties[key]))
                return refused;
        }
    }
    return std::nullopt;
}

Refused take_backup(const toml::node& node, FileSettings& settings) {
    const auto* table = node.as_table();
    if (table == nullptr) return bad_key("backup", "must be a table");
    for (const auto& [name, value] : *table) {
        const std::string full = "backup." + std::string(name.str());
        Refused refused;
        if (name.str() == "keep_days") {
            refused = take_integer(full, value, settings.scalars[full]);
        } else if (name.str() == "dir" || name.str() == "every" || name.str() == "vault_dir") {
            refused = take_text(full, value, settings.scalars[full]);
        } else {
            refused = unknown_key(full);
        }
        if (refused) return refused;
    }
    if (!settings.scalars.contains("backup.dir")) return bad_key("backup.dir", "must be given");
    return std::nullopt;
}

/// An empty list of platforms is one: then none is required.
Refused take_platforms(std::string_view key, const toml::node& node, FileSettings& settings) {
    constexpr std::size_t kPlatformsMax = 64;
    auto& platforms = settings.required_platforms.emplace();
    if (const auto* array = node.as_array(); array != nullptr && array->empty())
        return std::nullopt;
    return take_texts(key, node, kPlatformsMax, platforms);
}

Refused take_services(const toml::node& node, FileSettings& settings) {
    const auto* table = node.as_table();
    if (table == nullptr) return bad_key("services", "must be a table");
    for (const auto& [name, value] : *table) {
        const std::string full = "services." + std::string(name.str());
        Refused refused;
        if (name.str() == "required_platforms") {
            refused = take_platforms(full, value, settings);
        } else if (name.str() == "worker_runtime" || name.str() == "default_send_mode") {
            refused = take_text(full, value, settings.scalars[full]);
        } else {
            refused = unknown_key(full);
        }
        if (refused) return refused;
    }
    return std::nullopt;
}

Refused take(std::string_view key, const toml::node& node, FileSettings& settings) {
    constexpr std::size_t kProxiesMax = 64;
    if (is_one_of(kTextKeys, key)) return take_text(key, node, settings.scalars[std::string(key)]);
    if (is_one_of(kIntegerKeys, key))
        return take_integer(key, node, settings.scalars[std::string(key)]);
    if (key == "trusted_proxies")
        return take_texts(key, node, kProxiesMax, settings.trusted_proxies);
    if (key == "accounts") return take_accounts(node, settings.accounts);
    if (key == "operators")
        return take_tables("operators", node, settings.operators, take_of_operator);
    if (key == "log") return take_log(node, settings);
    if (key == "backup") return take_backup(node, settings);
    if (key == "kafka") return take_kafka(node, settings);
    if (key == "services") return take_services(node, settings);
    return unknown_key(key);
}

/// The parser's own words may quote the file, so only the place is told.
domain::Result<toml::table> parse(const std::filesystem::path& path) {
    try {
        return toml::parse_file(path.string());
    } catch (const toml::parse_error& error) {
        const auto where = error.source().begin;
        if (!where) return bad_setting("--config", "must name a file that can be read");
        return bad_setting("--config", "must name a TOML file; line " + std::to_string(where.line) +
                                           ", column " + std::to_string(where.column) +
                                           " is not TOML");
    }
}

}  // namespace

domain::Result<FileSettings> read_settings_file(const std::filesystem::path& path) {
    auto table = parse(path);
    if (!table) return tl::unexpected(table.error());
    FileSettings settings;
    for (const auto& [key, node] : *table) {
        if (auto refused = take(key.str(), node, settings)) return *refused;
    }
    return settings;
}

}  // namespace decklog::api
