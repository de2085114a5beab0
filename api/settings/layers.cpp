#include "api/settings/layers.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <fstream>
#include <iterator>

namespace decklog::api {
namespace {

constexpr std::size_t kSecretFileBytesMax = 64 * 1024;

/// A secret in a file ends where its last line does.
domain::Result<std::string> read_secret_file(const std::string& source, const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kSecretFileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !file.is_open())
        return bad_setting(source, "must name a file that can be read");
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kSecretFileBytesMax)
        return bad_setting(source, "must name a file of at most 64 KiB");
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    if (text.empty()) return bad_setting(source, "must name a file that is not empty");
    return text;
}

bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

bool is_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace

tl::unexpected<domain::Error> bad_setting(std::string_view source, std::string_view rule) {
    return domain::fail(domain::ErrorCode::invalid_argument,
                        std::string(source).append(" ").append(rule));
}

std::optional<Given> Layers::variable(const std::string& name) const {
    const auto found = environment_.find(name);
    if (found == environment_.end() || found->second.empty()) return std::nullopt;
    return Given{name, found->second};
}

std::optional<Given> Layers::setting(const std::string& variable_name,
                                     const std::string& key) const {
    auto given = variable(variable_name);
    return given ? given : in_file(key);
}

std::optional<Given> Layers::in_file(const std::string& key) const {
    const auto found = file_.find(key);
    if (found == file_.end()) return std::nullopt;
    return Given{key + " in the configuration file", found->second};
}

domain::Result<std::optional<Given>> Layers::secret(const std::string& name) const {
    auto plain = variable(name);
    const auto file = variable(name + "_FILE");
    if (!file) return plain;
    if (plain) return bad_setting(name, "and " + name + "_FILE are both set; keep one");
    return read_secret_file(file->source, file->text).map([&name](std::string text) {
        return std::optional<Given>(Given{name + "_FILE", std::move(text)});
    });
}

domain::Result<Given> Layers::referenced(const Given& reference) const {
    constexpr std::string_view kEnv = "env:";
    constexpr std::string_view kFile = "file:";
    if (reference.text.starts_with(kEnv)) {
        auto given = variable(reference.text.substr(kEnv.size()));
        if (!given) return bad_setting(reference.source, "names a variable that is not set");
        return Given{reference.source, std::move(given->text)};
    }
    if (reference.text.starts_with(kFile)) {
        return read_secret_file(reference.source, reference.text.substr(kFile.size()))
            .map([&](std::string text) {
                return Given{reference.source, std::move(text)};
            });
    }
    return bad_setting(reference.source, "must be env:NAME or file:PATH, never the secret itself");
}

domain::Result<std::int64_t> to_integer(const Given& given, std::int64_t least, std::int64_t most) {
    std::int64_t value = 0;
    const char* end = given.text.data() + given.text.size();
    const auto parsed = std::from_chars(given.text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || value < least || value > most) {
        return bad_setting(given.source, "must be a whole number from " + std::to_string(least) +
                                             " to " + std::to_string(most));
    }
    return value;
}

domain::Result<std::int64_t> to_duration_us(const Given& given, std::int64_t days_max) {
    constexpr std::int64_t kSecondMicros = 1'000'000, kDaySeconds = 86'400;
    const std::string rule =
        "must be a time such as 24h, 30m or 7d, at most " + std::to_string(days_max) + " days";
    if (given.text.empty()) return bad_setting(given.source, rule);
    const char letter = given.text.back();
    const std::int64_t unit = letter == 's'   ? 1
                              : letter == 'm' ? 60
                              : letter == 'h' ? 3'600
                              : letter == 'd' ? kDaySeconds
                                              : 0;
    if (unit == 0) return bad_setting(given.source, rule);
    const auto count = to_integer({given.source, given.text.substr(0, given.text.size() - 1)}, 1,
                                  days_max * kDaySeconds / unit);
    if (!count) return bad_setting(given.source, rule);
    return *count * unit * kSecondMicros;
}

domain::Result<Address> to_address(const Given& given) {
    constexpr std::string_view kRule = "must be HOST:PORT with a port from 0 to 65535";
    const std::size_t colon = given.text.rfind(':');
    if (colon == std::string::npos || colon == 0) return bad_setting(given.source, kRule);
    std::string host = given.text.substr(0, colon);
    const auto port = to_integer(Given{given.source, given.text.substr(colon + 1)}, 0, 65'535);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (!port || !is_visible_ascii(host) || (!bracketed && host.find(':') != std::string::npos)) {
        return bad_setting(given.source, kRule);
    }
    return Address{std::move(host), static_cast<std::uint16_t>(*port)};
}

domain::Result<std::string> to_one_of(const Given& given,
                                      const std::vector<std::string_view>& words) {
    std::string listed;
    for (const std::string_view word : words) {
        if (word == given.text) return given.text;
        listed.append(listed.empty() ? "" : ", ").append(word);
    }
    return bad_setting(given.source, "must be one of " + listed);
}

domain::Result<Secret> to_secret(const Given& given, std::size_t least) {
    if (!is_visible_ascii(given.text)) {
        return bad_setting(given.source, "must be visible ASCII without spaces");
    }
    if (given.text.size() < least) {
        return bad_setting(given.source,
                           "must have at least " + std::to_string(least) + " characters");
    }
    return Secret(given.text);
}

domain::Result<Secret> to_hex_secret(const Given& given, std::size_t digits) {
    if (given.text.size() != digits || !is_hex(given.text)) {
        return bad_setting(given.source, "must be " + std::to_string(digits) + " hex digits");
    }
    return Secret(given.text);
}

domain::Result<std::string> to_base_url(const Given& given) {
    const auto url = boost::urls::parse_uri(given.text);
    if (!url || url->host().empty()) return bad_setting(given.source, "must be a URL with a host");
    if (url->has_userinfo() || url->has_query() || url->has_fragment()) {
        return bad_setting(given.source, "must be a URL without user, query and fragment");
    }
    const std::string scheme = url->scheme();
    const bool is_secure = scheme == "https" || scheme == "wss";
    const bool is_plain = scheme == "http" || scheme == "ws";
    if (!is_secure && !(is_plain && is_loopback(url->host_address()))) {
        return bad_setting(given.source, "must use https, except to a loopback host");
    }
    return given.text;
}

}  // namespace decklog::api
