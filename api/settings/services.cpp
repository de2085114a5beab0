#include "api/settings/services.hpp"

#include "domain/text.hpp"

namespace decklog::api {

domain::Result<ServiceRules> read_services(const Layers& layers, const FileSettings& file) {
    ServiceRules rules;
    if (file.required_platforms) {
        for (const std::string& platform : *file.required_platforms) {
            if (!domain::is_name(platform)) {
                return bad_setting("services.required_platforms in the configuration file",
                                   "must be a list of platform names");
            }
        }
        rules.required_platforms = *file.required_platforms;
    }
    if (const auto given = layers.in_file("services.worker_runtime")) {
        if (!domain::is_name(given->text)) return bad_setting(given->source, "must be a name");
        rules.worker_runtime = given->text;
    }
    if (const auto given =
            layers.setting("PLATFORM_DEFAULT_SEND_MODE", "services.default_send_mode")) {
        auto mode = to_one_of(*given, {"auto_send", "draft_only"});
        if (!mode) return tl::unexpected(mode.error());
        rules.default_send_mode = std::move(*mode);
    }
    return rules;
}

}  // namespace decklog::api
