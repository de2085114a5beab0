#include "store/frame/crc32c.hpp"

#include <boost/crc.hpp>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace decklog::store {
namespace {

// Boost keeps the register unreflected, so a continued sum has to be turned around on its way in.
std::uint32_t reversed_bits(std::uint32_t value) {
    std::uint32_t reversed = 0;
    for (unsigned bit = 0; bit < 32; ++bit) reversed |= ((value >> bit) & 1U) << (31U - bit);
    return reversed;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::span<const std::uint8_t> bytes,
                                                             std::uint32_t before) {
    std::uint64_t sum = ~before;
    const std::uint8_t* next = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof(std::uint64_t);
         left -= sizeof(std::uint64_t), next += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, next, sizeof word);
        sum = _mm_crc32_u64(sum, word);
    }
    auto narrow = static_cast<std::uint32_t>(sum);
    for (; left > 0; --left, ++next) narrow = _mm_crc32_u8(narrow, *next);
    return ~narrow;
}
#endif

}  // namespace

std::uint32_t crc32c_portable(std::span<const std::uint8_t> bytes, std::uint32_t before) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> sum(
        reversed_bits(~before));
    sum.process_bytes(bytes.data(), bytes.size());
    return sum.checksum();
}

std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t before) {
#if defined(__x86_64__)
    static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (has_instruction) return crc32c_sse42(bytes, before);
#endif
    return crc32c_portable(bytes, before);
}

}  // namespace decklog::store
