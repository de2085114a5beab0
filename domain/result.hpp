// The two ways to say no. A Rejection is a business answer that a caller can act on; an Error is an
// operation that failed. Neither may be dropped: tl::expected is declared [[nodiscard]] before its
// own header is read.
#pragma once

namespace tl {
template <class T, class E>
class [[nodiscard]] expected;
}  // namespace tl

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace decklog::domain {

/// A refusal by rule. `code` is the stable word of the API (`event_too_large`), `message` says what
/// to do, `field` names what was wrong, `limit` the bound it broke. Never holds a secret or the
/// refused value.
struct Rejection {
    std::string code;
    std::string message;
    std::string field{};
    std::optional<std::int64_t> limit{};
};

template <class T>
using Decision = tl::expected<T, Rejection>;

enum class ErrorCode {
    not_found,
    corrupt,       // bytes on disk that do not check
    io,            // the storage said no
    disk_full,     // the storage had no room
    locked,        // another process holds the data directory
    other_format,  // written by a release this one may not open
    other_ledger,  // a cursor or backup of another ledger
    erased,        // the key was destroyed
    invalid_argument,
    stopped,  // the component no longer accepts work
};

struct Error {
    ErrorCode code = ErrorCode::io;
    std::string context;
    bool retryable = false;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string context, bool retryable = false) {
    return tl::unexpected<Error>(Error{code, std::move(context), retryable});
}

inline tl::unexpected<Rejection> reject(std::string code, std::string message,
                                        std::string field = {},
                                        std::optional<std::int64_t> limit = std::nullopt) {
    return tl::unexpected<Rejection>(
        Rejection{std::move(code), std::move(message), std::move(field), limit});
}

}  // namespace decklog::domain
