// Hashes and ids in the fixed-size fields of transport.fbs. Pure, any thread.
#pragma once

#include <algorithm>

#include "domain/ids.hpp"
#include "store/kafka/transport_generated.h"

namespace decklog::store::kafka {

[[nodiscard]] inline fb::Hash16 hash16(const domain::Bytes16& bytes) {
    return fb::Hash16(flatbuffers::span<const std::uint8_t, 16>(bytes.data(), bytes.size()));
}

[[nodiscard]] inline domain::Bytes16 bytes16(const fb::Hash16& hash) {
    domain::Bytes16 bytes{};
    std::copy_n(hash.bytes()->Data(), bytes.size(), bytes.begin());
    return bytes;
}

}  // namespace decklog::store::kafka
