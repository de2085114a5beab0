#include "api/auth/authorise.hpp"

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

bool starts_with_bearer(std::string_view text) {
    constexpr std::string_view kScheme = "bearer ";
    return text.size() > kScheme.size() &&
           std::equal(kScheme.begin(), kScheme.end(), text.begin(),
                      [](char want, char got) { return want == lower(got); });
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
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

}  // namespace

std::span<const Role> roles_for(Access access) {
    static constexpr std::array kIngest{Role::ingest, Role::admin};
    static constexpr std::array kViewer{Role::viewer, Role::operator_, Role::admin};
    static constexpr std::array kOperator{Role::operator_, Role::admin};
    static constexpr std::array kAdmin{Role::admin};
    switch (access) {
        case Access::open:
        case Access::platform:
            return {};
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

std::string_view token_of(const Request& request) {
    const std::string_view authorization = request.header("authorization");
    if (!authorization.empty()) {
        return starts_with_bearer(authorization) ? trimmed(authorization.substr(7))
                                                 : std::string_view{};
    }
    if (request.method != Method::get) return {};
    return cookie_value(request.header("cookie"), kCookieName);
}

Answer unauthorized_answer() {
    Answer answer;
    answer.status = 401;
    answer.body = R"({"error":"unauthorized"})";
    answer.error_code = "unauthorized";
    answer.headers.emplace_back("WWW-Authenticate", "Bearer");
    return answer;
}

Answer forbidden_answer(Access access, Role current) {
    boost::json::array required;
    for (const Role role : roles_for(access)) required.emplace_back(to_text(role));
    Answer answer;
    answer.status = 403;
    answer.body = boost::json::serialize(boost::json::object{{"error", "forbidden"},
                                                             {"requiredRoles", std::move(required)},
                                                             {"currentRole", to_text(current)}});
    answer.error_code = "forbidden";
    return answer;
}

tl::expected<void, Answer> permit(Access access, const Principal& principal) {
    const std::span<const Role> roles = roles_for(access);
    if (roles.empty() || std::find(roles.begin(), roles.end(), principal.role) != roles.end()) {
        return {};
    }
    return tl::unexpected<Answer>(principal.role == Role::none
                                      ? unauthorized_answer()
                                      : forbidden_answer(access, principal.role));
}

tl::expected<Principal, Answer> authorise(Access access, const Request& request,
                                          const TokenBook& tokens) {
    Principal principal;
    if (const std::string_view token = token_of(request); !token.empty()) {
        principal = tokens.authenticate(token).value_or(Principal{});
    }
    return permit(access, principal).map([&principal] { return std::move(principal); });
}

}  // namespace decklog::api
