#include "tools/decklog/preflight_profile.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "domain/text.hpp"

namespace decklog::cli {
namespace {

using domain::ErrorCode;

constexpr std::int64_t kSampleMax = 1'000;

/// Takes what it knows out of tables and keeps the first thing that is wrong.
class Reading {
  public:
    explicit Reading(std::string file) : file_(std::move(file)) {}

    void refuse(const std::string& key, const std::string& rule) {
        if (problem_.empty()) problem_ = file_ + ": " + key + " " + rule;
    }
    [[nodiscard]] const std::string& problem() const { return problem_; }

    void only(const toml::table& table, const std::string& where,
              const std::set<std::string_view>& known) {
        for (const auto& [key, node] : table) {
            if (!known.contains(key.str()))
                refuse(where + std::string(key.str()), "is not a key of a profile");
        }
    }

    std::string text(const toml::table& table, std::string_view key, const std::string& where,
                     bool is_needed = true) {
        const auto* node = table.get(key);
        if (node == nullptr) {
            if (is_needed) refuse(where + std::string(key), "is missing");
            return {};
        }
        const auto* value = node->as_string();
        if (value == nullptr || value->get().empty()) {
            refuse(where + std::string(key), "must be a text");
            return {};
        }
        return value->get();
    }

    std::vector<std::string> texts(const toml::node* node, const std::string& key) {
        std::vector<std::string> all;
        if (node == nullptr) return all;
        const auto* array = node->as_array();
        if (array == nullptr) {
            refuse(key, "must be a list of texts");
            return all;
        }
        for (const toml::node& item : *array) {
            const auto* value = item.as_string();
            if (value == nullptr || value->get().empty()) {
                refuse(key, "must be a list of texts");
                return all;
            }
            all.push_back(value->get());
        }
        return all;
    }

    const toml::table* table(const toml::table& above, std::string_view key) {
        const auto* node = above.get(key);
        if (node != nullptr && node->as_table() == nullptr)
            refuse(std::string(key), "must be a table");
        return node == nullptr ? nullptr : node->as_table();
    }

    /// `[[key]]`.
    std::vector<const toml::table*> tables(const toml::table& above, std::string_view key) {
        std::vector<const toml::table*> all;
        const auto* node = above.get(key);
        if (node == nullptr) return all;
        const auto* array = node->as_array();
        for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
            if (const auto* item = array->get(i)->as_table()) all.push_back(item);
        }
        if (array == nullptr || all.size() != array->size())
            refuse(std::string(key), "must be written as [[" + std::string(key) + "]]");
        return all;
    }

  private:
    std::string file_, problem_;
};

/// Each is a gate `env:NAME`, which has to be a name that the log takes.
std::vector<std::string> variable_names(Reading& reading, const toml::node* node,
                                        const std::string& key) {
    auto names = reading.texts(node, key);
    for (const std::string& name : names) {
        if (!domain::is_name("env:" + name)) reading.refuse(key, "must be names of variables");
    }
    return names;
}

void read_values(Reading& reading, const toml::table& top, PreflightProfile& profile) {
    for (const toml::table* table : reading.tables(top, "values")) {
        reading.only(*table, "values.", {"gate", "variable", "one_of", "none_of", "code"});
        ValueRule rule;
        rule.gate = reading.text(*table, "gate", "values.");
        rule.variable = reading.text(*table, "variable", "values.");
        rule.one_of = reading.texts(table->get("one_of"), "values.one_of");
        rule.none_of = reading.texts(table->get("none_of"), "values.none_of");
        rule.code = reading.text(*table, "code", "values.", false);
        if (!domain::is_name(rule.gate)) reading.refuse("values.gate", "must be a name");
        if (rule.one_of.empty() == rule.none_of.empty())
            reading.refuse("values", "has either one_of or none_of");
        profile.values.push_back(std::move(rule));
    }
}

void read_provider(Reading& reading, const toml::table& top, PreflightProfile& profile) {
    const toml::table* table = reading.table(top, "provider");
    if (table == nullptr) return;
    reading.only(*table, "provider.", {"variable", "intents", "needs"});
    profile.provider_variable = reading.text(*table, "variable", "provider.");
    profile.intents = reading.texts(table->get("intents"), "provider.intents");
    if (profile.intents.empty()) reading.refuse("provider.intents", "must name at least one");
    const toml::table* needs = reading.table(*table, "needs");
    if (needs == nullptr) return;
    for (const auto& [intent, node] : *needs) {
        profile.provider_needs[std::string(intent.str())] =
            variable_names(reading, &node, "provider.needs." + std::string(intent.str()));
    }
}

void read_credentials(Reading& reading, const toml::table& top, PreflightProfile& profile) {
    for (const toml::table* table : reading.tables(top, "credentials")) {
        reading.only(*table, "credentials.", {"platform", "any_of"});
        PlatformCredentials credentials;
        credentials.platform = reading.text(*table, "platform", "credentials.");
        if (!domain::is_name(credentials.platform))
            reading.refuse("credentials.platform", "must be a name");
        const auto* sets =
            table->get("any_of") == nullptr ? nullptr : table->get("any_of")->as_array();
        for (std::size_t i = 0; sets != nullptr && i < sets->size(); ++i)
            credentials.any_of.push_back(reading.texts(sets->get(i), "credentials.any_of"));
        if (credentials.any_of.empty())
            reading.refuse("credentials.any_of", "must be a list of lists of variables");
        profile.credentials.push_back(std::move(credentials));
    }
}

void read_evidence(Reading& reading, const toml::table& top, PreflightProfile& profile) {
    if (const toml::table* table = reading.table(top, "evidence")) {
        reading.only(*table, "evidence.", {"metadata", "logs"});
        profile.metadata = reading.text(*table, "metadata", "evidence.");
        profile.logs = reading.texts(table->get("logs"), "evidence.logs");
        for (const std::string& file : profile.logs) {
            if (!domain::is_name(file)) reading.refuse("evidence.logs", "must be names of files");
        }
        if (!domain::is_name(profile.metadata))
            reading.refuse("evidence.metadata", "must be the name of a file");
    }
    if (const toml::table* table = reading.table(top, "linkage")) {
        reading.only(*table, "linkage.", {"sample"});
        const auto sample = (*table)["sample"].value<std::int64_t>().value_or(0);
        if (sample < 1 || sample > kSampleMax)
            reading.refuse("linkage.sample", "must be a number from 1 to 1000");
        profile.linkage_sample = static_cast<std::size_t>(std::max<std::int64_t>(sample, 0));
    }
}

std::filesystem::path folder_of_this_binary() {
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

}  // namespace

bool PlatformCredentials::names(std::string_view variable) const {
    return std::any_of(any_of.begin(), any_of.end(), [variable](const auto& set) {
        return std::find(set.begin(), set.end(), variable) != set.end();
    });
}

domain::Result<std::filesystem::path> find_profile(const std::string& name) {
    if (name.find('/') != std::string::npos || name.ends_with(".toml")) return name;
    const auto binary = folder_of_this_binary();
    const std::filesystem::path folders[] = {
        binary / "profiles", (binary / ".." / "share" / "decklog" / "profiles").lexically_normal()};
    std::error_code error;
    for (const auto& folder : folders) {
        const auto path = folder / (name + ".toml");
        if (domain::is_name(name) && std::filesystem::is_regular_file(path, error)) return path;
    }
    return domain::fail(ErrorCode::not_found, "--profile: no profile by this name in " +
                                                  folders[0].string() + " or " +
                                                  folders[1].string() + "; give the path of one");
}

domain::Result<PreflightProfile> read_profile(const std::filesystem::path& path) {
    toml::table top;
    try {
        top = toml::parse_file(path.string());
    } catch (const toml::parse_error& error) {
        const auto line = error.source().begin.line;
        return domain::fail(
            ErrorCode::invalid_argument,
            line == 0 ? path.string() + " cannot be read"
                      : path.string() + ": line " + std::to_string(line) + " is not TOML");
    }
    Reading reading(path.string());
    reading.only(top, "",
                 {"name", "variables", "values", "provider", "credentials", "evidence", "linkage"});
    PreflightProfile profile;
    profile.name = reading.text(top, "name", "");
    profile.variables = variable_names(reading, top.get("variables"), "variables");
    read_values(reading, top, profile);
    read_provider(reading, top, profile);
    read_credentials(reading, top, profile);
    read_evidence(reading, top, profile);
    if (!reading.problem().empty())
        return domain::fail(ErrorCode::invalid_argument, reading.problem());
    return profile;
}

}  // namespace decklog::cli
