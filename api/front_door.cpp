#include "api/front_door.hpp"

#include <algorithm>
#include <array>

#include "api/auth/authorise.hpp"
#include "api/limits.hpp"
#include "api/target.hpp"
#include "domain/ids.hpp"

namespace decklog::api {
namespace {

using Refusal = std::optional<Answer>;

constexpr std::string_view kNdjson = "application/x-ndjson";
constexpr std::array<std::string_view, 3> kApiTypes{
    "application/json", "application/cloudevents+json", "application/cloudevents-batch+json"};

std::string lower_case(std::string_view text) {
    std::string lowered(text);
    std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return lowered;
}

std::string media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    return lower_case(type);
}

bool is_request_id(std::string_view text) {
    constexpr std::size_t kCharsMax = 64;
    return !text.empty() && text.size() <= kCharsMax &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
           });
}

/// W3C `00-<trace id>-<parent id>-<flags>`; a later version may say more behind it.
std::optional<domain::TraceId> trace_of(std::string_view traceparent) {
    constexpr std::size_t kTraceAt = 3;
    constexpr std::size_t kTraceHex = 32;
    constexpr std::size_t kLength = 55;
    if (traceparent.size() < kLength || traceparent.starts_with("ff") ||
        traceparent[kTraceAt - 1] != '-' || traceparent[kTraceAt + kTraceHex] != '-') {
        return std::nullopt;
    }
    const auto bytes = domain::bytes16_from_hex(traceparent.substr(kTraceAt, kTraceHex));
    if (!bytes || *bytes == domain::Bytes16{}) return std::nullopt;
    return domain::TraceId{*bytes};
}

bool wants_body(const Route& route) { return route.body_bytes_max > 0; }

Refusal refusal_of_form(const RequestHead& head, const Request& request) {
    if (head.target.size() > limits::kTargetBytesMax) {
        return error_answer(414, "uri_too_long", "send a shorter request target", {},
                            static_cast<std::int64_t>(limits::kTargetBytesMax));
    }
    if (head.is_http_1_1 && request.header("host").empty()) {
        return error_answer(400, "malformed_request", "send a Host header", "Host");
    }
    const std::string_view expect = request.header("expect");
    if (!expect.empty() && lower_case(expect) != "100-continue") {
        return error_answer(417, "expectation_failed", "expect nothing but 100-continue", "Expect");
    }
    return std::nullopt;
}

Refusal refusal_of_type(const Route& route, const Request& request) {
    if (route.any_content_type) return std::nullopt;
    const bool is_lines = request.content_type == kNdjson && route.handle_lines;
    const bool is_known =
        std::find(kApiTypes.begin(), kApiTypes.end(), request.content_type) != kApiTypes.end();
    if (is_lines || (is_known && route.handle)) return std::nullopt;
    return error_answer(415, "unsupported_media_type",
                        "send application/json, or another type that this route documents",
                        "Content-Type");
}

/// A parameter that a route does not know would be dropped silently, and another question answered
/// or another write done (ADR 8). Platforms put what they like behind their webhook's address.
Refusal refusal_of_query(const Route& route, const Request& request) {
    const bool is_hook = route.access == Access::platform;
    if (route.takes_query || is_hook || request.query.empty()) return std::nullopt;
    return error_answer(400, "unknown_parameter", "this route knows no such parameter",
                        shown_field(request.query.front().first));
}

Refusal refusal_of_body(const Route& route, const Request& request, const RequestHead& head,
                        bool by_lines) {
    const std::uint64_t length = head.content_length.value_or(0);
    if (!wants_body(route)) {
        if (length == 0 && !head.is_chunked) return std::nullopt;
        return error_answer(400, "body_not_wanted", "send this request without a body");
    }
    if (route.body_optional && length == 0 && !head.is_chunked) return std::nullopt;
    if (!head.content_length && !head.is_chunked) {
        return error_answer(411, "length_required", "send Content-Length or a chunked body",
                            "Content-Length");
    }
    if (auto refusal = refusal_of_type(route, request)) return refusal;
    if (!by_lines && length > route.body_bytes_max) return body_too_large_answer(route);
    return std::nullopt;
}

}  // namespace

Answer body_too_large_answer(const Route& route) {
    return error_answer(413, "body_too_large", "send a smaller body, or several requests", {},
                        static_cast<std::int64_t>(route.body_bytes_max));
}

/// Request id and trace come from one draw: randomness is a system call away.
Request FrontDoor::anonymous() const {
    constexpr std::size_t kIdBytes = 8;
    Request request;
    request.method = Method::other;
    std::array<std::uint8_t, sizeof request.trace.bytes + kIdBytes> drawn{};
    random_.fill(drawn);
    std::copy_n(drawn.begin(), request.trace.bytes.size(), request.trace.bytes.begin());
    request.request_id = domain::to_hex(drawn.data() + request.trace.bytes.size(), kIdBytes);
    return request;
}

Admission FrontDoor::admit(RequestHead head) const {
    Admission admission;
    admission.request = named(head);
    admission.is_head = head.verb == "HEAD";
    admission.expects_continue = !admission.request.header("expect").empty();
    admission.refusal = refusal_of_form(head, admission.request);
    if (!admission.refusal) admission.refusal = find_route(head, admission);
    if (!admission.refusal) admission.refusal = ask_who(admission);
    if (!admission.refusal)
        admission.refusal = refusal_of_query(*admission.route, admission.request);
    if (!admission.refusal) {
        admission.by_lines =
            admission.route->handle_lines && admission.request.content_type == kNdjson;
        admission.refusal =
            refusal_of_body(*admission.route, admission.request, head, admission.by_lines);
    }
    return admission;
}

Request FrontDoor::named(RequestHead& head) const {
    Request request = anonymous();
    request.headers = std::move(head.headers);
    if (const auto given = request.header("x-request-id"); is_request_id(given)) {
        request.request_id = given;
    }
    request.trace = trace_of(request.header("traceparent")).value_or(request.trace);
    request.content_type = media_type(request.header("content-type"));
    request.remote = proxies_.client(head.peer, request.header("x-forwarded-for"));
    request.method = head.verb == "HEAD" ? Method::get : method_from_text(head.verb);
    return request;
}

std::optional<Answer> FrontDoor::find_route(const RequestHead& head, Admission& admission) const {
    Request& request = admission.request;
    auto target = parse_target(head.target);
    if (!target) {
        return error_answer(400, "invalid_target",
                            "percent-encode the path and the query of the request");
    }
    Router::Match match = router_.find(request.method, *target);
    const bool is_head_of_stream =
        match.route != nullptr && admission.is_head && match.route->is_stream;
    if (is_head_of_stream) return method_not_allowed_answer("GET");
    if (match.route == nullptr) {
        return match.allow.empty() ? not_found_answer()
                                   : method_not_allowed_answer(std::move(match.allow));
    }
    admission.route = match.route;
    request.path = target->path();
    request.query = std::move(target->query);
    request.captures = std::move(match.captures);
    return std::nullopt;
}

/// A cookie stands for the token on GET alone, so not on the HEAD that is routed like it.
std::optional<Answer> FrontDoor::ask_who(Admission& admission) const {
    Request& request = admission.request;
    if (forwarded_ != nullptr) request.forwarded = forwarded_->check(request);
    if (request.forwarded) {
        request.from_chat = request.forwarded->from_chat;
        request.principal = request.forwarded->principal;
        const auto may = permit(admission.route->access, request.principal);
        return may ? std::nullopt : std::optional(may.error());
    }
    if (admission.is_head) request.method = Method::other;
    auto principal =
        authorise(admission.route->access, request, tokens_, admission.route->takes_basic);
    if (admission.is_head) request.method = Method::get;
    if (!principal) return std::move(principal.error());
    request.principal = std::move(*principal);
    return std::nullopt;
}

}  // namespace decklog::api
