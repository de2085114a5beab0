// Rules that all doors of the API share, on plain values. Rejections name the field. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/event.hpp"
#include "domain/result.hpp"

namespace decklog::api::rules {

using Refusal = std::optional<domain::Rejection>;

/// invalid_id (limit 200).
[[nodiscard]] Refusal outside_id(std::string_view value, std::string_view field);
/// invalid_name (limit 128).
[[nodiscard]] Refusal name(std::string_view value, std::string_view field);
/// time_too_far_ahead (limit in seconds).
[[nodiscard]] Refusal not_ahead(std::int64_t time_us, std::int64_t now_us, std::string_view field);
/// reserved_type: only decklog itself writes it.
[[nodiscard]] Refusal not_reserved(std::string_view type_or_action, std::string_view field);
[[nodiscard]] domain::Decision<domain::Cohort> cohort(std::string_view value,
                                                      std::string_view field);
/// account_mismatch: the token writes for another account alone.
[[nodiscard]] domain::Decision<std::string> account(std::string_view asked,
                                                    const std::optional<std::string>& bound,
                                                    std::string_view field);

}  // namespace decklog::api::rules
