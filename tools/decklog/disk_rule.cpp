#include "tools/decklog/disk_rule.hpp"

namespace decklog::cli {

api::Environment disk_rule() {
    api::Environment environment = api::process_environment();
    std::erase_if(environment,
                  [](const auto& variable) { return variable.first != "DECKLOG_DISK_FREE_MIB"; });
    return environment;
}

domain::Result<std::uint64_t> disk_free_bytes_min() {
    const auto config = api::load_config({}, disk_rule());
    if (!config) return tl::unexpected(config.error());
    return config->disk_free_mib << 20U;
}

}  // namespace decklog::cli
