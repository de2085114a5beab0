#include <filesystem>

#include "store/directory/directory.hpp"
#include "tools/decklog/backend.hpp"

namespace decklog::cli {

domain::Result<std::unique_ptr<Backend>> choose_backend(const Where& where) {
    if (!where.url.empty()) return make_http_backend(where.url, where.token);
    if (const auto server = store::read_server_file(where.data)) {
        auto backend = make_http_backend(server->url, server->token);
        if (const auto alive = backend->call({.method = "GET", .path = "/live"});
            alive && alive->status == 200)
            return backend;
    }
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::path(where.data) / "FORMAT", error)) {
        return domain::fail(domain::ErrorCode::not_found,
                            "no ledger in '" + where.data +
                                "'; give --data DIR or --url, or start `decklog serve`");
    }
    return make_local_backend(where.data);
}

}  // namespace decklog::cli
