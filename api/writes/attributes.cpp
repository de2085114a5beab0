#include "api/writes/attributes.hpp"

#include <charconv>

#include "api/writes/rules.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {

std::string_view Attributes::text(std::string_view name) const {
    const auto found = event_->attributes.find(name);
    return found == event_->attributes.end() ? std::string_view{} : std::string_view{found->second};
}

void Attributes::refuse(std::optional<domain::Rejection> rejection) {
    if (rejection && !refusal_) refusal_ = std::move(rejection);
}

std::string Attributes::id(std::string_view name) {
    const std::string_view value = text(name);
    if (!value.empty()) refuse(rules::outside_id(value, name));
    return std::string(value);
}

std::string Attributes::required_id(std::string_view name) {
    if (text(name).empty())
        refuse(
            domain::Rejection{"missing_field", "this attribute is needed", std::string(name), {}});
    return id(name);
}

std::string Attributes::name(std::string_view name) {
    const std::string_view value = text(name);
    if (!value.empty()) refuse(rules::name(value, name));
    return std::string(value);
}

domain::Cohort Attributes::cohort(std::string_view name) {
    const auto cohort = rules::cohort(text(name), name);
    if (!cohort) refuse(cohort.error());
    return cohort.value_or(domain::Cohort::none);
}

std::int64_t Attributes::time_us(std::int64_t now_us) {
    if (text("time").empty()) return now_us;
    const auto time = domain::parse_rfc3339(text("time"), "time");
    if (!time) {
        refuse(time.error());
        return now_us;
    }
    refuse(rules::not_ahead(*time, now_us, "time"));
    return *time;
}

store::ExpectedVersion Attributes::expected_version() {
    using Kind = store::ExpectedVersion::Kind;
    const std::string_view value = text("expectedversion");
    store::ExpectedVersion expected;
    if (value.empty() || value == "any") return expected;
    if (value == "none" || value == "exists") {
        expected.kind = value == "none" ? Kind::none : Kind::exists;
        return expected;
    }
    const auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), expected.version);
    if (error != std::errc{} || end != value.data() + value.size()) {
        refuse(domain::Rejection{"invalid_expected_version",
                                 "expect any, none, exists or the version's number",
                                 "expectedversion",
                                 {}});
    }
    expected.kind = Kind::exact;
    return expected;
}

std::optional<domain::TraceId> Attributes::trace() const {
    // version 2, trace id 32, parent id 16, flags 2, with dashes between
    constexpr std::size_t kBytes = 55;
    const std::string_view value = text("traceparent");
    if (value.size() < kBytes || value[2] != '-' || value[35] != '-' || value[52] != '-')
        return std::nullopt;
    const auto bytes = domain::bytes16_from_hex(value.substr(3, 32));
    if (!bytes || *bytes == domain::Bytes16{}) return std::nullopt;
    return domain::TraceId{*bytes};
}

}  // namespace decklog::api
