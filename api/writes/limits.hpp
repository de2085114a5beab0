// Bounds of writes that only their doors know (contract, "Limits"); those of the HTTP edge are in
// api/limits.hpp.
#pragma once

#include <cstddef>

namespace decklog::api::limits {

inline constexpr std::size_t kNdjsonRefusalsShown = 100;

}  // namespace decklog::api::limits
