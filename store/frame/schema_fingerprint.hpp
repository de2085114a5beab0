// Which schema an event was written with: the first 8 bytes, little-endian, of BLAKE2b-128 over the
// binary schema (events.bfbs) of the writing build. Readers compare, they never need the schema
// itself to read what they know.
#pragma once

#include <cstdint>

namespace decklog::store {

/// Of this build. Computed once; any thread.
[[nodiscard]] std::uint64_t schema_fingerprint();

}  // namespace decklog::store
