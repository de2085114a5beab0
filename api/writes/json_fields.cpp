#include "api/writes/json_fields.hpp"

#include <algorithm>

#include <boost/json/parse.hpp>

#include "api/writes/rules.hpp"
#include "domain/limits.hpp"
#include "domain/time_text.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api {

domain::Decision<JsonFields> JsonFields::read(std::string_view text, std::size_t depth_max) {
    boost::json::parse_options options;
    options.max_depth = depth_max;
    boost::system::error_code error;
    auto value = boost::json::parse(text, error, {}, options);
    if (error == boost::json::error::too_deep) {
        return domain::reject("json_too_deep",
                              "objects and arrays stand too deep inside each other", {},
                              static_cast<std::int64_t>(depth_max));
    }
    if (error) return domain::reject("invalid_json", "send one JSON object in UTF-8");
    if (!value.is_object()) return domain::reject("not_an_object", "send one JSON object");
    return JsonFields(text, std::move(value.get_object()));
}

domain::Decision<JsonFields> JsonFields::read_each_once(std::string_view text,
                                                        std::size_t depth_max) {
    auto fields = read(text, depth_max);
    if (!fields) return fields;
    if (auto canonical = store::canonical_json(text, depth_max); !canonical)
        return tl::unexpected(std::move(canonical).error());
    return fields;
}

domain::Decision<JsonFields> JsonFields::read_order(std::string_view text,
                                                    std::span<const std::string_view> names) {
    auto fields = read_each_once(text, domain::limits::kJsonDepthMax);
    if (!fields) return fields;
    fields->allow(names);
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    return fields;
}

void JsonFields::allow(std::span<const std::string_view> names, std::string_view advice) {
    for (const auto& member : object_) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::find(names.begin(), names.end(), name) == names.end()) {
            refuse({"unknown_field", std::string(advice), std::string(name.substr(0, 64)), {}});
        }
    }
}

void JsonFields::refuse(domain::Rejection rejection) {
    if (!refusal_) refusal_ = std::move(rejection);
}

const boost::json::value* JsonFields::find(std::string_view name) const {
    const auto* value = object_.if_contains(boost::json::string_view(name.data(), name.size()));
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::string_view JsonFields::token(std::string_view name) const {
    return find(name) == nullptr ? std::string_view{} : store::json_token_at(text_, name);
}

std::string JsonFields::text_or_none(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return {};
    if (!value->is_string()) {
        refuse({"invalid_type", "send a text", std::string(name), {}});
        return {};
    }
    return std::string(value->get_string().data(), value->get_string().size());
}

bool JsonFields::truth(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return false;
    if (!value->is_bool()) refuse({"invalid_type", "send true or false", std::string(name), {}});
    return value->is_bool() && value->get_bool();
}

std::string JsonFields::text(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return {};
    if (!value->is_string()) {
        refuse({"not_a_string", "give this field as a string", std::string(name), {}});
        return {};
    }
    return std::string(value->get_string().data(), value->get_string().size());
}

std::string JsonFields::id(std::string_view name) {
    std::string value = text(name);
    if (value.empty()) return value;
    if (auto refusal = rules::outside_id(value, name)) refuse(std::move(*refusal));
    return value;
}

std::string JsonFields::required_id(std::string_view name) {
    std::string value = id(name);
    if (value.empty()) refuse({"missing_field", "this field is needed", std::string(name), {}});
    return value;
}

std::string JsonFields::name(std::string_view name) {
    std::string value = text(name);
    if (value.empty()) return value;
    if (auto refusal = rules::name(value, name)) refuse(std::move(*refusal));
    return value;
}

std::string JsonFields::required_name(std::string_view name) {
    std::string value = this->name(name);
    if (value.empty()) refuse({"missing_field", "this field is needed", std::string(name), {}});
    return value;
}

std::optional<std::int64_t> JsonFields::past_time(std::string_view name, std::int64_t now_us) {
    if (find(name) == nullptr) return std::nullopt;
    const auto time = domain::parse_rfc3339(text(name), name);
    if (!time) {
        refuse(time.error());
        return std::nullopt;
    }
    if (auto refusal = rules::not_ahead(*time, now_us, name)) refuse(std::move(*refusal));
    return *time;
}

std::int64_t JsonFields::required_time(std::string_view name) {
    if (find(name) == nullptr) {
        refuse({"missing_field", "this field is needed", std::string(name), {}});
        return 0;
    }
    const auto time = domain::parse_rfc3339(text(name), name);
    if (!time) refuse(time.error());
    return time.value_or(0);
}

domain::Cohort JsonFields::cohort(std::string_view name) {
    const auto cohort = rules::cohort(text(name), name);
    if (!cohort) refuse(cohort.error());
    return cohort.value_or(domain::Cohort::none);
}

}  // namespace decklog::api
