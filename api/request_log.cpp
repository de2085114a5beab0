#include "api/request_log.hpp"

#include "api/router.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

constexpr std::string_view kLogger = "http";

std::string_view template_of(const Route* route) {
    return route == nullptr ? std::string_view("unmatched") : std::string_view(route->path);
}

/// A probe a second from every balancer would bury what people did.
spdlog::level::level_enum level_of(std::string_view route, int status) {
    const bool is_probe = !route.starts_with("/api") && !route.starts_with("/hooks");
    return is_probe && status < 400 ? spdlog::level::debug : spdlog::level::info;
}

}  // namespace

void note_request(Metrics& metrics, const Route* route, const Request& request,
                  const RequestOutcome& outcome) {
    const std::string_view path = template_of(route);
    metrics.http_answered(path, outcome.status, outcome.seconds);
    const auto level = level_of(path, outcome.status);
    store::write_log(level, kLogger, request.trace,
                     fmt::format("{} {} {} in {:.1f} ms, {} bytes, request {}, by {}",
                                 to_text(request.method), path, outcome.status,
                                 outcome.seconds * 1e3, outcome.bytes_out, request.request_id,
                                 request.principal.id.empty() ? "nobody" : request.principal.id));
}

void note_exception(const Route* route, const Request& request, std::string_view type_name) {
    store::log_error(kLogger, request.trace, "{} {} threw {}", to_text(request.method),
                     template_of(route), type_name);
}

}  // namespace decklog::api
