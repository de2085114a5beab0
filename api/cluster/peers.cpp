#include "api/cluster/peers.hpp"

#include <algorithm>

#include "api/cluster/forward_signature.hpp"
#include "api/cluster/node_client.hpp"
#include "api/router.hpp"

namespace decklog::api {

std::vector<std::string> Peers::others() const {
    if (!config_.secret.is_set()) return {};
    std::vector<std::string> urls = config_.peers;
    std::erase(urls, config_.advertised_url);
    return urls;
}

bool Peers::has(const std::string& url) const {
    const auto urls = others();
    return std::find(urls.begin(), urls.end(), url) != urls.end();
}

domain::Result<Answer> Peers::ask(const std::string& url, const Request& request,
                                  std::chrono::milliseconds deadline) const {
    NodeCall call{url, std::string(to_text(request.method)), target_of(request), passed_on(request),
                  request.body};
    for (auto& header : sign_forwarded(config_.secret.reveal(), request, clock_.now_us(), random_))
        call.headers.push_back(std::move(header));
    call.headers.emplace_back("X-Request-Id", request.request_id);
    return ask_node(call, deadline);
}

}  // namespace decklog::api
