#include <filesystem>

#include "store/directory/lock_holder.hpp"
#include "store/directory/server_file.hpp"
#include "tools/decklog/backend.hpp"

namespace decklog::cli {

std::unique_ptr<Backend> running_server(const Where& where) {
    if (!where.url.empty()) return make_http_backend(where.url, where.token);
    const auto server = store::read_server_file(where.data);
    // A server.json may be left by one that was killed, or have come with a copy of the directory;
    // who listens at its address then is a stranger, and its token is none of theirs.
    if (!server || store::lock_holder(where.data) != server->pid) return nullptr;
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
