// The fields of a platform account and of its policy, as they come in. Credentials are taken as
// they are; whether they are references is the decider's to say. Pure, any thread.
#pragma once

#include <string_view>

#include "domain/account/account.hpp"
#include "domain/result.hpp"

namespace decklog::api {

/// Everything but the order. Rejections name the field: unknown_field, missing_field, invalid_type,
/// invalid_name, invalid_id, not_an_object, and those of JSON.
[[nodiscard]] domain::Decision<domain::CreatePlatformAccount> read_account(std::string_view body);

/// Everything but the order and whose policy it is. What is absent stays as it is, and so does what
/// is null, except `sendMode`: null gives it back to the default.
[[nodiscard]] domain::Decision<domain::UpdatePlatformPolicy> read_update(std::string_view body);

}  // namespace decklog::api
