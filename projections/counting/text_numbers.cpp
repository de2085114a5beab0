#include "projections/counting/text_numbers.hpp"

#include <functional>
#include <limits>
#include <utility>

#include "domain/check.hpp"

namespace decklog::projections::counting {
namespace {

constexpr std::size_t kFirstSlots = 64;
constexpr std::size_t kBytesMax = std::numeric_limits<std::uint32_t>::max();

}  // namespace

std::uint32_t TextNumbers::hash_of(std::string_view text) {
    return static_cast<std::uint32_t>(std::hash<std::string_view>{}(text));
}

std::uint32_t TextNumbers::find(std::string_view text) const {
    if (slots_.empty()) return 0;
    const std::uint32_t hash = hash_of(text);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask; slots_[at].number != 0; at = (at + 1) & mask) {
        const Slot& slot = slots_[at];
        if (slot.hash == hash && std::string_view(bytes_).substr(slot.begin, slot.bytes) == text)
            return slot.number;
    }
    return 0;
}

void TextNumbers::insert(std::string_view text, std::uint32_t number) {
    DECKLOG_CHECK(number != 0 && bytes_.size() + text.size() <= kBytesMax);
    if (2 * (size_ + 1) > slots_.size()) grow();
    place({hash_of(text), number, static_cast<std::uint32_t>(bytes_.size()),
           static_cast<std::uint32_t>(text.size())});
    bytes_.append(text);
    ++size_;
}

void TextNumbers::place(const Slot& slot) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = slot.hash & mask;
    while (slots_[at].number != 0) at = (at + 1) & mask;
    slots_[at] = slot;
}

void TextNumbers::grow() {
    const std::vector<Slot> before =
        std::exchange(slots_, std::vector<Slot>(slots_.empty() ? kFirstSlots : 2 * slots_.size()));
    for (const Slot& slot : before) {
        if (slot.number != 0) place(slot);
    }
}

}  // namespace decklog::projections::counting
