// What FORMAT says, as text and back. Pure, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace decklog::store {

using Release = std::array<std::uint32_t, 3>;  // 0.1.0

struct DirectoryFormat {
    std::uint32_t format = 1;
    Release oldest_release{0, 1, 0};
};

/// What this release reads and writes.
inline constexpr DirectoryFormat kDirectoryFormat{};
/// The first release that sees more of a ledger than its partition 0.
inline constexpr Release kSeveralPartitionsSince{0, 2, 0};

[[nodiscard]] std::string to_text(const DirectoryFormat& format);
/// Lines it does not know are ignored: a newer release may add some. Errors: corrupt.
[[nodiscard]] domain::Result<DirectoryFormat> parse_directory_format(std::string_view text);
/// Errors: other_format, naming the oldest release that may open it.
[[nodiscard]] domain::Result<void> check_may_open(const DirectoryFormat& found,
                                                  const Release& this_release);

/// Three numbers with dots; nullopt for anything else.
[[nodiscard]] std::optional<Release> parse_release(std::string_view text);
[[nodiscard]] std::string to_text(const Release& release);

}  // namespace decklog::store
