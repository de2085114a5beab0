#include "store/clock.hpp"

#include <sodium.h>

#include <ctime>

#include "domain/check.hpp"

namespace decklog::store {
namespace {

std::int64_t read_us(clockid_t clock) {
    timespec time{};
    // Fails only for a clock id that the kernel does not know, which is a bug here.
    DECKLOG_CHECK(::clock_gettime(clock, &time) == 0);
    return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

class SystemClock final : public Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const override { return read_us(CLOCK_REALTIME); }
    [[nodiscard]] std::int64_t boot_us() const override { return read_us(CLOCK_BOOTTIME); }
};

class SodiumRandom final : public Random {
  public:
    // Below zero: the system's source of randomness cannot be read. Nothing may be sealed then.
    SodiumRandom() { DECKLOG_CHECK(::sodium_init() >= 0); }
    void fill(std::span<std::uint8_t> bytes) override {
        ::randombytes_buf(bytes.data(), bytes.size());
    }
};

}  // namespace

Clock& system_clock() {
    static SystemClock clock;
    return clock;
}

Random& system_random() {
    static SodiumRandom random;
    return random;
}

}  // namespace decklog::store
