#include "api/auth/authorise.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace decklog::api {
namespace {

constexpr std::string_view kCookieName = "decklog_session";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// What stands behind a scheme, which is given in lower case; empty: it is another one.
std::string_view behind(std::string_view scheme, std::string_view text) {
    const bool is_it = text.size() > scheme.size() && text[scheme.size()] == ' ' &&
                       std::equal(scheme.begin(), scheme.end(), text.begin(),
                                  [](char want, char got) { return want == lower(got); });
    return is_it ? trimmed(text.substr(scheme.size())) : std::string_view{};
}

/// The password in `user:password`, base64; empty when it is not that.
std::string password_in(std::string_view encoded) {
    std::string decoded(encoded.size(), '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(decoded.data()), decoded.size(),
                          encoded.data(), encoded.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_ORIGINAL) != 0) {
        return {};
    }
    decoded.resize(size);
    const std::size_t colon = decoded.find(':');
    return colon == std::string::npos ? std::string{} : decoded.substr(colon + 1);
}

std::string_view cookie_value(std::string_view cookies, std::string_view name) {
    while (!cookies.empty()) {
        const std::size_t end = std::min(cookies.find(';'), cookies.size());
        const std::string_view pair = trimmed(cookies.substr(0, end));
        cookies.remove_prefix(std::min(end + 1, cookies.size()));
        const std::size_t equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
            return pair.substr(equals + 1);
        }
    }
    return {};
}

/// Said to whoever holds a token of one gate; empty for any other.
std::string what_it_may(const Principal& principal) {
    if (!principal.gate) return {};
    return "this token reports the gate " + *principal.gate +
           " of a rollout (POST /api/rollouts/{id}/gates) and may do nothing else";
}

}  // namespace

std::span<const Role> roles_for(Access access) {
    static constexpr std::array kGate{Role::gate, Role::operator_, Role::admin};
    static constexpr std::array kIngest{Role::ingest, Role::admin};
    static constexpr std::array kViewer{Role::viewer, Role::operator_, Role::admin};
    static constexpr std::array kOperator{Role::operator_, Role::admin};
    static constexpr std::array kAdmin{Role::admin};
    switch (access) {
        case Access::open:
        case Access::platform:
            return {};
        case Access::gate:
            return kGate;
        case Access::ingest:
            return kIngest;
        case Access::viewer:
            return kViewer;
        case Access::operator_:
            return kOperator;
        case Access::admin:
            break;
    }
    return kAdmin;
}

std::string token_of(const Request& request, bool takes_basic) {
    const std::string_view authorization = request.header("authorization");
    if (!authorization.empty()) {
        if (takes_basic) {
            if (const auto basic = behind("basic", authorization); !basic.empty())
                return password_in(basic);
        }
        return std::string(behind("bearer", authorization));
    }
    if (request.method != Method::get) return {};
    return std::string(cookie_value(request.header("cookie"), kCookieName));
}

Answer unauthorized_answer() {
    Answer answer;
    answer.status = 401;
    answer.body = R"({"error":"unauthorized"})";
    answer.error_code = "unauthorized";
    answer.headers.emplace_back("WWW-Authenticate", "Bearer");
    return answer;
}

Answer forbidden_answer(Access access, Role current, std::string_view message) {
    boost::json::array required;
    for (const Role role : roles_for(access)) required.emplace_back(to_text(role));
    boost::json::object body{{"error", "forbidden"},
                             {"requiredRoles", std::move(required)},
                             {"currentRole", to_text(current)}};
    if (!message.empty()) body["message"] = message;
    Answer answer;
    answer.status = 403;
    answer.body = boost::json::serialize(body);
    answer.error_code = "forbidden";
    return answer;
}

Answer other_gate_answer(const Principal& principal) {
    return error_answer(403, "forbidden", what_it_may(principal), "name");
}

tl::expected<void, Answer> permit(Access access, const Principal& principal) {
    const std::span<const Role> roles = roles_for(access);
    if (roles.empty() || std::find(roles.begin(), roles.end(), principal.role) != roles.end()) {
        return {};
    }
    return tl::unexpected<Answer>(
        principal.role == Role::none
            ? unauthorized_answer()
            : forbidden_answer(access, principal.role, what_it_may(principal)));
}

tl::expected<Principal, Answer> authorise(Access access, const Request& request,
                                          const TokenBook& tokens, bool takes_basic) {
    Principal principal;
    if (const std::string token = token_of(request, takes_basic); !token.empty()) {
        principal = tokens.authenticate(token).value_or(Principal{});
    }
    if (principal.role == Role::gate && roles_for(access).empty()) principal = {};
    return permit(access, principal).map([&principal] { return std::move(principal); });
}

}  // namespace decklog::api
