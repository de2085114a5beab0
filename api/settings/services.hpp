// What decklog is told about the services behind the runbook: which platforms they must be heard of
// on, which runtime their workers must run on, what an account without a send mode of its own does.
// The defaults are those of the profile lease-bot.
#pragma once

#include <string>
#include <vector>

#include "api/settings/file.hpp"
#include "api/settings/layers.hpp"

namespace decklog::api {

/// `[services]` of the file, and PLATFORM_DEFAULT_SEND_MODE. Errors name the key or variable.
[[nodiscard]] domain::Result<ServiceRules> read_services(const Layers& layers,
                                                         const FileSettings& file);

}  // namespace decklog::api
