// /api/cluster/personal-reads: a node of a cluster opened sealed parts for an export, and asks the
// owner of the partition to record that first. Signed requests of nodes alone.
#include "api/answers.hpp"
#include "api/auth/authorise.hpp"
#include "api/cluster/forward_signature.hpp"
#include "api/personal_data/reading.hpp"
#include "api/router.hpp"
#include "api/routes/routes.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kBodyBytesMax = 64 * 1024;

}  // namespace

std::vector<Route> personal_read_routes(const Core& core) {
    Route post;
    post.method = Method::post;
    post.path = std::string(kPersonalReadsPath);
    post.access = Access::operator_;
    post.body_bytes_max = kBodyBytesMax;
    // Not `writes_log`: a node would sign for anybody who asks it. Whoever is not the owner (any
    // more) says so, and the node asks again.
    post.handle = [&core](Request request, Reply reply) {
        if (!request.forwarded) return reply(not_found_answer());
        if (!holds_its_body(request)) return reply(unauthorized_answer());
        core.run_blocking([&core, request = std::move(request), reply = std::move(reply)] {
            reply(record_for_node(core, request));
        });
    };
    return {std::move(post)};
}

}  // namespace decklog::api
