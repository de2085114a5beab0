#include "projections/audit/printed_words.hpp"

#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::audit {

std::string message_text(std::uint32_t number) {
    for (const Direction direction : {Direction::inbound, Direction::outbound}) {
        const char* way = direction == Direction::inbound ? "inbound" : "outbound";
        if (number == message_slot(direction, Review::fresh)) return std::string(way) + "/new";
        if (number == message_slot(direction, Review::draft)) return std::string(way) + "/draft";
        if (number == message_slot(direction, Review::sent)) return std::string(way) + "/sent";
        if (number == message_slot(direction, Review::hold)) return std::string(way) + "/hold";
        if (number == message_slot(direction, Review::other)) return std::string(way) + "/other";
    }
    return "uncounted";
}

std::string PrintedWords::text(counting::Slot slot) {
    const auto group = static_cast<Group>(slot.group);
    return group == Group::message ? message_text(slot.number) : text(group, slot.number);
}

std::string PrintedWords::text(Group group, std::uint32_t number) {
    if (number == 0) return {};
    const std::uint64_t key = (std::uint64_t{book_of(group)} << 32U) | number;
    const auto [entry, is_new] = texts_.try_emplace(key);
    if (is_new) entry->second = resolve(group, number);
    return entry->second;
}

std::string PrintedWords::resolve(Group group, std::uint32_t number) const {
    std::string text = words_.text(book_of(group), number);
    if (group != Group::agent && group != Group::failure) return text;
    std::string joined;
    for (RowBytes parts(text); !parts.at_end();) {
        if (!joined.empty()) joined.push_back('/');
        joined.append(counting::ordered_text(parts));
    }
    return joined;
}

}  // namespace decklog::projections::audit
