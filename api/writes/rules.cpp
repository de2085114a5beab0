#include "api/writes/rules.hpp"

#include "domain/limits.hpp"
#include "domain/registry.hpp"
#include "domain/text.hpp"

namespace decklog::api::rules {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

}  // namespace

Refusal outside_id(std::string_view value, std::string_view field) {
    if (domain::is_outside_id(value)) return std::nullopt;
    return domain::Rejection{
        "invalid_id", "an id is 1-200 bytes of UTF-8 without control characters",
        std::string(field), static_cast<std::int64_t>(domain::limits::kOutsideIdBytesMax)};
}

Refusal name(std::string_view value, std::string_view field) {
    if (domain::is_name(value)) return std::nullopt;
    return domain::Rejection{
        "invalid_name",
        "a name begins with a letter or digit and goes on with letters, digits and . _ : -",
        std::string(field), static_cast<std::int64_t>(domain::limits::kNameBytesMax)};
}

Refusal not_ahead(std::int64_t time_us, std::int64_t now_us, std::string_view field) {
    if (time_us <= now_us + domain::limits::kAheadMicrosMax) return std::nullopt;
    return domain::Rejection{"time_too_far_ahead", "a time may be at most 5 minutes ahead",
                             std::string(field),
                             domain::limits::kAheadMicrosMax / kMicrosPerSecond};
}

Refusal not_reserved(std::string_view type_or_action, std::string_view field) {
    if (!domain::is_reserved_name(type_or_action)) return std::nullopt;
    return domain::Rejection{"reserved_type",
                             "only decklog itself writes this; choose another name",
                             std::string(field),
                             {}};
}

domain::Decision<domain::Cohort> cohort(std::string_view value, std::string_view field) {
    if (const auto cohort = domain::cohort_from_text(value)) return *cohort;
    return domain::reject("unknown_cohort", "the cohort is shadow, canary, full or none",
                          std::string(field));
}

domain::Decision<std::string> account(std::string_view asked,
                                      const std::optional<std::string>& bound,
                                      std::string_view field) {
    if (!bound || asked == *bound) return std::string(asked);
    if (asked.empty()) return *bound;
    return domain::reject("account_mismatch", "this token writes for another account alone",
                          std::string(field));
}

}  // namespace decklog::api::rules
