// The HTTP modes of CloudEvents 1.0, read into attributes and data.
#include <boost/url/decode_view.hpp>
#include <boost/url/pct_string_view.hpp>

#include "api/writes/cloud_event.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/limits.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {
namespace {

constexpr std::string_view kHeaderPrefix = "ce-";

bool is_attribute_name(std::string_view name) {
    return !name.empty() &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

domain::Rejection invalid_attribute(std::string_view name) {
    return {
        "invalid_attribute",
        "an attribute has a name of lower-case letters and digits and a string, number or boolean",
        std::string(name.substr(0, 64)),
        {}};
}

domain::Decision<std::string> checked_json(std::string_view text) {
    if (text.size() > domain::limits::kEventBytesMax) {
        return domain::reject("event_too_large",
                              "one event may hold at most 512 KiB; send less in one item", "data",
                              static_cast<std::int64_t>(domain::limits::kEventBytesMax));
    }
    return store::canonical_json(text, domain::limits::kJsonDepthMax);
}

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Header values are percent-encoded UTF-8; nullopt: they are not.
std::optional<std::string> decoded(std::string_view value) {
    const auto encoded =
        boost::urls::make_pct_string_view(boost::urls::string_view(value.data(), value.size()));
    if (!encoded) return std::nullopt;
    const auto plain = **encoded;
    return std::string(plain.begin(), plain.end());
}

/// A scalar as CloudEvents writes it in a header; nullopt: not a scalar.
std::optional<std::string> scalar(const JsonFields& fields, std::string_view name,
                                  const boost::json::value& value) {
    if (value.is_string()) return std::string(value.get_string().data(), value.get_string().size());
    if (value.is_bool()) return value.get_bool() ? "true" : "false";
    if (value.is_number()) return std::string(fields.token(name));
    return std::nullopt;
}

bool is_json_type(std::string_view media_type) {
    const std::string_view type = media_type.substr(0, media_type.find(';'));
    return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

}  // namespace

domain::Decision<CloudEvent> binary_cloud_event(const Request& request) {
    CloudEvent event;
    for (const auto& [header, value] : request.headers) {
        if (!header.starts_with(kHeaderPrefix)) continue;
        const std::string name = header.substr(kHeaderPrefix.size());
        auto plain = decoded(value);
        if (!is_attribute_name(name) || !plain ||
            !event.attributes.emplace(name, std::move(*plain)).second) {
            return tl::unexpected(invalid_attribute(name));
        }
    }
    if (is_blank(request.body)) return event;
    if (auto checked = checked_json(request.body); !checked) return tl::unexpected(checked.error());
    event.data = request.body;
    return event;
}

domain::Decision<CloudEvent> structured_cloud_event(std::string_view text) {
    // The envelope of attributes stands beside the data, which is held to its own limit by the
    // ledger.
    if (auto checked = store::canonical_json(text, domain::limits::kJsonDepthMax); !checked) {
        return tl::unexpected(checked.error());
    }
    auto fields = JsonFields::read(text, domain::limits::kJsonDepthMax);
    if (!fields) return tl::unexpected(fields.error());
    CloudEvent event;
    for (const auto& member : fields->object()) {
        const std::string_view name(member.key().data(), member.key().size());
        if (name == "data" && !member.value().is_null()) {
            event.data = store::json_token_at(text, "data");
        } else if (name == "data_base64") {
            return domain::reject("data_base64_unsupported", "send JSON in data", "data_base64");
        } else if (!member.value().is_null()) {
            auto value = scalar(*fields, name, member.value());
            if (!is_attribute_name(name) || !value) return tl::unexpected(invalid_attribute(name));
            event.attributes.emplace(name, std::move(*value));
        }
    }
    if (const auto type = event.attributes.find("datacontenttype");
        type != event.attributes.end() && !is_json_type(type->second)) {
        return domain::reject("unsupported_media_type", "data is JSON", "datacontenttype");
    }
    if (auto checked = checked_json(event.data.empty() ? "null" : event.data); !checked) {
        return tl::unexpected(checked.error());
    }
    return event;
}

}  // namespace decklog::api
