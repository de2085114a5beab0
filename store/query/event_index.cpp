#include "store/query/event_index.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>

#include "domain/registry.hpp"

namespace decklog::store {
namespace {

using Values = std::vector<std::string>;

/// Empty values are not in the indexes, and `unknown` may mean one.
bool is_indexed(const Values& values) {
    return !values.empty() &&
           std::none_of(values.begin(), values.end(), [](const std::string& value) {
               return value.empty() || value == "unknown";
           });
}

std::vector<IndexKey> text_keys(IndexKey::Kind kind, const Values& values) {
    std::vector<IndexKey> keys;
    for (const std::string& value : std::set<std::string>(values.begin(), values.end())) {
        keys.push_back(IndexKey{kind, value});
    }
    return keys;
}

std::vector<IndexKey> stream_keys(const EventFilter& filter) {
    const Values workspaces =
        filter.workspace.empty() ? filter.stream_workspaces : Values{filter.workspace};
    std::vector<IndexKey> keys;
    for (const std::string& workspace : workspaces) {
        for (IndexKey& key : text_keys(IndexKey::Kind::stream, filter.streams)) {
            key.workspace = workspace;
            keys.push_back(std::move(key));
        }
    }
    return keys;
}

/// `unknown:0x0399`, as type_name writes types of newer releases.
std::optional<std::uint32_t> unknown_type(std::string_view name) {
    constexpr std::string_view kPrefix = "unknown:0x";
    if (!name.starts_with(kPrefix)) return std::nullopt;
    name.remove_prefix(kPrefix.size());
    std::uint32_t type = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), type, 16);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return type;
}

std::vector<IndexKey> type_keys(const Values& names) {
    std::set<std::uint32_t> types;
    for (const std::string& name : names) {
        if (const auto* info = domain::find_type_by_name(name)) {
            types.insert(static_cast<std::uint32_t>(info->type));
        } else {
            // Not a type of ours: the CloudEvents type of an external event.
            constexpr auto kExternal = domain::EventType::external_event_recorded;
            types.insert(unknown_type(name).value_or(static_cast<std::uint32_t>(kExternal)));
        }
    }
    std::vector<IndexKey> keys;
    for (const std::uint32_t type : types) {
        IndexKey key{IndexKey::Kind::type};
        key.type = type;
        keys.push_back(std::move(key));
    }
    return keys;
}

}  // namespace

std::vector<IndexKey> index_keys(const EventFilter& filter) {
    using Kind = IndexKey::Kind;
    if (is_indexed(filter.streams)) return stream_keys(filter);
    if (is_indexed(filter.correlations)) return text_keys(Kind::correlation, filter.correlations);
    if (is_indexed(filter.conversations))
        return text_keys(Kind::conversation, filter.conversations);
    if (is_indexed(filter.actions)) return text_keys(Kind::action, filter.actions);
    if (is_indexed(filter.types)) return type_keys(filter.types);
    return {};
}

}  // namespace decklog::store
