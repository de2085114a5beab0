// Who holds LOCK of a data directory, asked from outside: nothing is taken. Thread: any.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>

namespace decklog::store {

/// The process that holds LOCK, by the id that it has where it runs; nullopt: nobody does, or none
/// that says who it is. Never waits and creates nothing. While it looks (microseconds), a LOCK that
/// was free is shared.
[[nodiscard]] std::optional<pid_t> lock_holder(const std::filesystem::path& root);

}  // namespace decklog::store
