// /api/cluster/erased-bodies: a node of a cluster erases a person, and asks the owner of another
// partition to take away the raw bodies that stand in it. Signed requests of nodes alone.
#include "api/answers.hpp"
#include "api/auth/authorise.hpp"
#include "api/cluster/forward_signature.hpp"
#include "api/erasures/bodies_elsewhere.hpp"
#include "api/limits.hpp"
#include "api/router.hpp"
#include "api/routes/routes.hpp"

namespace decklog::api {

std::vector<Route> erased_body_routes(const Core& core) {
    Route post;
    post.method = Method::post;
    post.path = std::string(kErasedBodiesPath);
    post.access = Access::admin;
    post.body_bytes_max = limits::kForwardedBodyBytesMax;
    // Not `writes_log`: a node would sign for anybody who asks it. Whoever is not the owner (any
    // more) says so, and the node asks again.
    post.handle = [&core](Request request, Reply reply) {
        if (!request.forwarded) return reply(not_found_answer());
        if (!holds_its_body(request)) return reply(unauthorized_answer());
        core.run_blocking([&core, request = std::move(request), reply = std::move(reply)] {
            reply(take_for_node(core, request));
        });
    };
    return {std::move(post)};
}

}  // namespace decklog::api
