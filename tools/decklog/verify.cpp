// `decklog verify`: recomputes frames, CRCs, chain, indexes and view positions.
#include "tools/decklog/long_work.hpp"

namespace decklog::cli {

void add_verify(CLI::App& app, Session& session) {
    auto* command =
        app.add_subcommand("verify", "recompute frames, CRCs, chain, indexes, view positions");
    add_where(*command, session);
    command->callback([&session] {
        if (const auto backend = session.backend())
            run_long_work(session, *backend, {.method = "GET", .path = "/api/admin/verify"},
                          "verify");
    });
}

}  // namespace decklog::cli
