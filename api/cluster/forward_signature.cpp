#include "api/cluster/forward_signature.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/url/url.hpp>
#include <charconv>
#include <sstream>

#include "api/auth/token_book.hpp"
#include "api/router.hpp"

namespace decklog::api {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSkewMicrosMax = 60'000'000;
constexpr const char* kForwarded = "decklog-forwarded";
constexpr const char* kPrincipal = "decklog-principal";
constexpr const char* kSignature = "decklog-signature";
/// Of one connection, or said again by whoever hands the request on.
constexpr std::string_view kOwn[] = {
    "host",     "connection",      "content-length",  "transfer-encoding", "authorization",
    "cookie",   "expect",          "keep-alive",      "upgrade",           "te",
    "trailer",  "accept-encoding", "x-forwarded-for", "x-request-id",      kForwarded,
    kPrincipal, kSignature};

std::string hex(std::span<const std::uint8_t> bytes) {
    return domain::to_hex(bytes.data(), bytes.size());
}

struct Said {
    std::int64_t time_us = 0;
    std::string nonce;
    std::string body_hash;
};

std::string to_text(const Said& said) {
    return std::to_string(said.time_us) + " " + said.nonce + " " + said.body_hash;
}

std::optional<Said> parse_said(std::string_view text) {
    std::istringstream words{std::string(text)};
    Said said;
    if (!(words >> said.time_us >> said.nonce >> said.body_hash)) return std::nullopt;
    return said;
}

std::string mac_of(std::string_view secret, const Request& request, const std::string& said,
                   std::string_view principal) {
    std::string text = "decklog-forwarded-1\n";
    const auto line = [&text](std::string_view part) { text.append(part).push_back('\n'); };
    line(to_text(request.method));
    line(target_of(request));
    for (const auto& [name, value] : passed_on(request)) line(name + ":" + value);
    line(principal);
    line(said);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char*>(secret.data()),
                                secret.size());
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                                  text.size());
    std::array<std::uint8_t, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_final(&state, mac.data());
    return hex(mac);
}

/// Who asks, and, of a command from chat, in what.
std::string encode_asker(const Request& request) {
    const Principal& principal = request.principal;
    json::object object{{"role", to_text(principal.role)},
                        {"id", principal.id},
                        {"name", principal.name},
                        {"personal", principal.personal}};
    if (principal.account) object["account"] = *principal.account;
    if (principal.gate) object["gate"] = *principal.gate;
    if (request.from_chat) {
        object["chat"] = json::object{{"recordedBy", request.from_chat->recorded_by},
                                      {"cause", domain::to_text(request.from_chat->cause)},
                                      {"key", request.from_chat->key},
                                      {"notAfterUs", request.from_chat->not_after_us}};
    }
    return json::serialize(object);
}

std::string text_in(const json::object& object, const char* key) {
    const json::value* found = object.if_contains(key);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::optional<Principal> decode_principal(const json::object& object) {
    Principal principal;
    principal.role = role_from_text(text_in(object, "role")).value_or(Role::none);
    principal.id = text_in(object, "id");
    principal.name = text_in(object, "name");
    const json::value* personal = object.if_contains("personal");
    principal.personal = personal != nullptr && personal->is_bool() && personal->as_bool();
    if (object.contains("account")) principal.account = text_in(object, "account");
    if (object.contains("gate")) principal.gate = text_in(object, "gate");
    // The limit travels with the role that keeps it; either alone is not believed.
    if (principal.gate.has_value() != (principal.role == Role::gate)) return std::nullopt;
    return principal;
}

std::optional<FromChat> decode_chat(const json::value& said) {
    if (!said.is_object()) return std::nullopt;
    const json::object& object = said.as_object();
    const json::value* not_after = object.if_contains("notAfterUs");
    const auto cause = domain::event_id_from_text(text_in(object, "cause"));
    if (!cause || not_after == nullptr || !not_after->is_int64()) return std::nullopt;
    return FromChat{text_in(object, "recordedBy"), *cause, text_in(object, "key"),
                    not_after->as_int64()};
}

/// What encode_asker says; nullopt: not the whole of it, so that no command from chat is carried
/// out without its time limit.
std::optional<Forwarded> decode_asker(std::string_view text) {
    json::error_code failed;
    const json::value value = json::parse(text, failed);
    if (failed || !value.is_object()) return std::nullopt;
    const json::object& object = value.as_object();
    auto principal = decode_principal(object);
    if (!principal) return std::nullopt;
    Forwarded asker{*std::move(principal), {}};
    if (const json::value* chat = object.if_contains("chat")) {
        asker.from_chat = decode_chat(*chat);
        if (!asker.from_chat) return std::nullopt;
    }
    return asker;
}

bool same(std::string_view left, std::string_view right) {
    return left.size() == right.size() &&
           sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace

std::string target_of(const Request& request) {
    boost::urls::url url;
    url.set_path(request.path);
    for (const auto& [name, value] : request.query) url.params().append({name, value});
    return std::string(url.buffer());
}

HeaderList passed_on(const Request& request) {
    HeaderList headers;
    for (const auto& header : request.headers) {
        if (std::find(std::begin(kOwn), std::end(kOwn), header.first) == std::end(kOwn))
            headers.push_back(header);
    }
    std::sort(headers.begin(), headers.end());
    return headers;
}

std::string body_hash(std::string_view body) {
    std::array<std::uint8_t, 32> hash{};
    crypto_generichash(hash.data(), hash.size(),
                       reinterpret_cast<const unsigned char*>(body.data()), body.size(), nullptr,
                       0);
    return hex(hash);
}

HeaderList sign_forwarded(std::string_view secret, const Request& request, std::int64_t now_us,
                          store::Random& random) {
    std::array<std::uint8_t, 16> nonce{};
    random.fill(nonce);
    const std::string said = to_text({now_us, hex(nonce), body_hash(request.body)});
    const std::string principal = encode_asker(request);
    return {{kForwarded, said},
            {kPrincipal, principal},
            {kSignature, mac_of(secret, request, said, principal)}};
}

std::optional<Forwarded> ForwardedRequests::check(const Request& request) {
    const std::string_view signature = request.header(kSignature);
    if (signature.empty()) return std::nullopt;
    const std::string said_text(request.header(kForwarded));
    const std::string_view principal_text = request.header(kPrincipal);
    if (!same(signature, mac_of(secret_, request, said_text, principal_text))) return std::nullopt;
    const auto said = parse_said(said_text);
    auto asker = decode_asker(principal_text);
    const std::int64_t now_us = clock_.now_us();
    if (!said || !asker || std::llabs(now_us - said->time_us) > kSkewMicrosMax) return std::nullopt;
    if (!is_first(said->nonce, now_us)) return std::nullopt;
    asker->body_hash = said->body_hash;
    return asker;
}

/// Two generations, so that forgetting costs nothing: a nonce is known for longer than its time is
/// taken.
bool ForwardedRequests::is_first(const std::string& nonce, std::int64_t now_us) {
    const std::lock_guard lock(mutex_);
    if (now_us - young_since_us_ > 2 * kSkewMicrosMax) {
        old_ = std::exchange(young_, {});
        young_since_us_ = now_us;
    }
    return !old_.contains(nonce) && young_.insert(nonce).second;
}

}  // namespace decklog::api
