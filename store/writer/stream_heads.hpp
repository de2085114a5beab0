// The newest version of recently used streams, so that an event of a busy room costs no seek. Two
// generations: when the young one is full it becomes the old one and the old one is forgotten,
// which keeps what is used and bounds the memory. Holds durable versions only. The writer thread's.
#pragma once

#include <cstring>
#include <optional>
#include <unordered_map>

#include "domain/ids.hpp"
#include "store/limits.hpp"

namespace decklog::store {

/// The keys are hashes already.
struct HashOfHash {
    std::size_t operator()(const domain::Bytes16& hash) const {
        std::size_t first = 0;
        std::memcpy(&first, hash.data(), sizeof first);
        return first;
    }
};
using StreamVersions = std::unordered_map<domain::Bytes16, std::uint64_t, HashOfHash>;

class StreamHeads {
  public:
    [[nodiscard]] std::optional<std::uint64_t> find(const domain::Bytes16& stream) {
        if (const auto young = young_.find(stream); young != young_.end()) return young->second;
        const auto old = old_.find(stream);
        if (old == old_.end()) return std::nullopt;
        const std::uint64_t version = old->second;
        put(stream, version);
        return version;
    }

    void put(const domain::Bytes16& stream, std::uint64_t version) {
        if (young_.size() >= limits::kStreamHeadsMax) {
            old_.swap(young_);
            young_.clear();
        }
        young_.insert_or_assign(stream, version);
    }

  private:
    StreamVersions young_, old_;
};

}  // namespace decklog::store
