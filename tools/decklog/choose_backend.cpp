#include <filesystem>

#include "store/directory/directory.hpp"
#include "tools/decklog/backend.hpp"

namespace decklog::cli {

std::unique_ptr<Backend> running_server(const Where& where) {
    if (!where.url.empty()) return make_http_backend(where.url, where.token);
    const auto server = store::read_server_file(where.data);
    if (!server) return nullptr;
    auto backend = make_http_backend(server->url, server->token);
    const auto alive = backend->call({.method = "GET", .path = "/live"});
    return alive && alive->status == 200 ? std::move(backend) : nullptr;
}

domain::Result<std::unique_ptr<Backend>> choose_backend(const Where& where) {
    if (auto server = running_server(where)) return server;
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::path(where.data) / "FORMAT", error)) {
        return domain::fail(domain::ErrorCode::not_found,
                            "no ledger in '" + where.data +
                                "'; give --data DIR or --url, or start `decklog serve`");
    }
    return make_local_backend(where.data);
}

}  // namespace decklog::cli
