#include "projections/engine.hpp"

#include <spdlog/fmt/fmt.h>

#include "projections/build_id.hpp"
#include "projections/folding_engine.hpp"

namespace decklog::projections {

domain::Result<std::unique_ptr<Engine>> Engine::open(const std::filesystem::path& views_dir,
                                                     store::Ledger& ledger, EngineOptions options) {
    if (options.clock == nullptr) options.clock = &store::system_clock();
    if (options.build.empty()) options.build = build_id();
    const std::string owner =
        fmt::format("build {}\nledger {}", options.build, domain::to_hex(ledger.ledger_id().bytes));
    auto database = ViewsDatabase::open(views_dir, owner);
    if (!database) return tl::unexpected(database.error());
    auto engine = std::make_unique<FoldingEngine>(*std::move(database), ledger, std::move(options));
    if (auto attached = engine->attach(); !attached) return tl::unexpected(attached.error());
    engine->start();
    return engine;
}

}  // namespace decklog::projections
