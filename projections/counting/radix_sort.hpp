// Sorting by a 64-bit key in linear time: a batch of a rebuild has hundreds of thousands of
// entries, and comparing them would cost more than folding them. Passes over 11 bits at a time,
// from the lowest up, leaving out bits that are the same in all keys; so the numbers and times of
// one batch, which share most of their bits, take three or four. Stable: equal keys stay in the
// order they came. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace decklog::projections::counting {

/// Keys of signed numbers, in their order.
[[nodiscard]] constexpr std::uint64_t sortable(std::int64_t number) {
    return static_cast<std::uint64_t>(number) ^ (1ULL << 63U);
}

/// `key_of(entry)`: the 64-bit key. `scratch` is room to work in, kept by the caller for the next
/// time.
template <class Entry, class KeyOf>
void radix_sort(std::vector<Entry>& entries, std::vector<Entry>& scratch, const KeyOf& key_of) {
    constexpr std::size_t kFewEntries = 512;  // below, counting digits costs more than comparing
    if (entries.size() < kFewEntries) {
        std::stable_sort(
            entries.begin(), entries.end(),
            [&](const Entry& left, const Entry& right) { return key_of(left) < key_of(right); });
        return;
    }
    constexpr unsigned kDigitBits = 11;
    constexpr std::uint64_t kDigitMask = (1ULL << kDigitBits) - 1;
    const std::uint64_t first = key_of(entries.front());
    std::uint64_t varying = 0;
    for (const Entry& entry : entries) varying |= key_of(entry) ^ first;
    scratch.resize(entries.size());
    while (varying != 0) {
        const auto shift = static_cast<unsigned>(std::countr_zero(varying));
        const auto digit = [&](const Entry& entry) {
            return (key_of(entry) >> shift) & kDigitMask;
        };
        std::array<std::uint32_t, kDigitMask + 1> place{};
        for (const Entry& entry : entries) ++place[digit(entry)];
        std::uint32_t begins = 0;
        for (std::uint32_t& count : place) begins += std::exchange(count, begins);
        for (const Entry& entry : entries) scratch[place[digit(entry)]++] = entry;
        entries.swap(scratch);
        varying &= ~(kDigitMask << shift);
    }
}

}  // namespace decklog::projections::counting
