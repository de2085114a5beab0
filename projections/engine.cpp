#include "projections/engine.hpp"

#include "projections/folding_engine.hpp"

namespace decklog::projections {

domain::Result<std::unique_ptr<Engine>> Engine::open(const std::filesystem::path& views_dir,
                                                     store::Ledger& ledger, EngineOptions options) {
    if (options.clock == nullptr) options.clock = &store::system_clock();
    auto engine = std::make_unique<FoldingEngine>(views_dir, ledger, std::move(options));
    if (auto opened = engine->open(); !opened) return tl::unexpected(opened.error());
    engine->start();
    return engine;
}

}  // namespace decklog::projections
