// UUIDv7 event ids from a pool of random bytes: one system call for some hundred ids. The writer
// thread's.
#pragma once

#include <array>
#include <cstdint>

#include "domain/ids.hpp"
#include "store/clock.hpp"
#include "store/limits.hpp"

namespace decklog::store {

class EventIds {
  public:
    explicit EventIds(Random& random) : random_(random) {}

    [[nodiscard]] domain::EventId next(std::int64_t time_us) {
        std::array<std::uint8_t, 10> bytes{};
        if (pool_.size() - used_ < bytes.size()) {
            random_.fill(pool_);
            used_ = 0;
        }
        for (std::uint8_t& byte : bytes) byte = pool_[used_++];
        return domain::make_event_id(time_us, bytes);
    }

  private:
    Random& random_;
    std::array<std::uint8_t, limits::kRandomPoolBytes> pool_{};
    std::size_t used_ = pool_.size();
};

}  // namespace decklog::store
