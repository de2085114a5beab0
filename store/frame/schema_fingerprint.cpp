#include "store/frame/schema_fingerprint.hpp"

#include <sodium.h>

#include <cstring>

#include "domain/events_bfbs_generated.h"
#include "domain/ids.hpp"

namespace decklog::store {

std::uint64_t schema_fingerprint() {
    static const std::uint64_t fingerprint = [] {
        domain::Bytes16 hash{};
        crypto_generichash_blake2b(hash.data(), hash.size(), fb::CommitBinarySchema::data(),
                                   fb::CommitBinarySchema::size(), nullptr, 0);
        std::uint64_t first = 0;
        std::memcpy(&first, hash.data(), sizeof first);
        return first;
    }();
    return fingerprint;
}

}  // namespace decklog::store
