// Where a setting comes from: flag, environment, file, in that order; and how its text becomes a
// value. An error names the source and the rule, never the text. Reads only the files that `X_FILE`
// and `file:` name.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/config.hpp"
#include "domain/result.hpp"

namespace decklog::api {

/// A text and the name of the place that gave it: `--listen`, `DECKLOG_LISTEN`, `listen in the
/// configuration file`.
struct Given {
    std::string source;
    std::string text;
};

[[nodiscard]] tl::unexpected<domain::Error> bad_setting(std::string_view source,
                                                        std::string_view rule);

class Layers {
  public:
    Layers(const Environment& environment, const std::map<std::string, std::string>& file)
        : environment_(environment), file_(file) {}

    /// A variable that is set to something; an empty one counts as unset.
    [[nodiscard]] std::optional<Given> variable(const std::string& name) const;
    /// The variable, else the key of the file.
    [[nodiscard]] std::optional<Given> setting(const std::string& variable_name,
                                               const std::string& key) const;
    /// The key of the file alone.
    [[nodiscard]] std::optional<Given> in_file(const std::string& key) const;
    /// `X`, or the content of the file that `X_FILE` names; both is an error.
    [[nodiscard]] domain::Result<std::optional<Given>> secret(const std::string& name) const;
    /// `env:NAME` or `file:PATH`, which is how the file names a secret.
    [[nodiscard]] domain::Result<Given> referenced(const Given& reference) const;

  private:
    const Environment& environment_;
    const std::map<std::string, std::string>& file_;
};

[[nodiscard]] domain::Result<std::int64_t> to_integer(const Given& given, std::int64_t least,
                                                      std::int64_t most);
/// `24h`: a number and s, m, h or d, at least one second.
[[nodiscard]] domain::Result<std::int64_t> to_duration_us(const Given& given,
                                                          std::int64_t days_max);
/// HOST:PORT, [IPV6]:PORT; port 0 lets the system choose.
[[nodiscard]] domain::Result<Address> to_address(const Given& given);
[[nodiscard]] domain::Result<std::string> to_one_of(const Given& given,
                                                    const std::vector<std::string_view>& words);
/// Visible ASCII, at least `least` characters.
[[nodiscard]] domain::Result<Secret> to_secret(const Given& given, std::size_t least);
[[nodiscard]] domain::Result<Secret> to_hex_secret(const Given& given, std::size_t digits);
/// https, or http to a loopback host; no user, query or fragment.
[[nodiscard]] domain::Result<std::string> to_base_url(const Given& given);

}  // namespace decklog::api
