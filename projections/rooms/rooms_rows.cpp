#include "projections/rooms/rooms_rows.hpp"

#include <algorithm>

#include "projections/rooms/limits.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections::rooms {
namespace {

std::string prefix_of(char kind, std::uint32_t room) {
    std::string key(1, kind);
    put_be32(key, room);
    return key;
}

constexpr std::size_t kActivityKeyHead = 2 + 8 + 8;

}  // namespace

void raise(MaybeMark& mark, const Mark& to) {
    if (!mark || *mark < to) mark = to;
}

std::uint64_t Room::oldest_sequence() const {
    return next_sequence > kRecentMessages ? next_sequence - kRecentMessages : 0;
}

bool Member::present() const {
    const MaybeMark here = std::max(joined, seen);
    return here && (!left || *left < *here);
}

std::string room_id(std::string_view platform, std::string_view account,
                    std::string_view conversation) {
    std::string id;
    id.reserve(platform.size() + account.size() + conversation.size() + 2);
    return id.append(platform).append(1, ':').append(account).append(1, ':').append(conversation);
}

std::string room_key(std::string_view id) { return std::string("R").append(id); }

std::string activity_prefix(Scope scope) { return {'A', static_cast<char>(scope)}; }

std::string activity_key(Scope scope, const Mark& activity, std::string_view id) {
    std::string key = activity_prefix(scope);
    put_be64_signed(key, activity.time_us);
    put_be64(key, activity.ordinal);
    return key.append(id);
}

std::string_view id_in_activity_key(std::string_view key) {
    return key.size() < kActivityKeyHead ? std::string_view{} : key.substr(kActivityKeyHead);
}

std::string member_prefix(std::uint32_t room) { return prefix_of('M', room); }
std::string member_key(std::uint32_t room, std::string_view member) {
    return member_prefix(room).append(member);
}
std::string place_prefix(std::uint32_t room) { return prefix_of('P', room); }

std::string place_key(std::uint32_t room, std::uint64_t sequence) {
    std::string key = place_prefix(room);
    put_be64(key, sequence);
    return key;
}

std::string message_key(std::uint32_t room, std::string_view message_id) {
    return prefix_of('S', room).append(message_id);
}

std::string reaction_prefix(std::uint32_t room, std::uint64_t sequence) {
    std::string key = prefix_of('X', room);
    put_be64(key, sequence);
    return key;
}

std::string reaction_key(std::uint32_t room, std::uint64_t sequence, std::string_view reactor,
                         std::string_view reaction) {
    std::string key = reaction_prefix(room, sequence);
    put_text(key, reactor);
    return key.append(reaction);
}

}  // namespace decklog::projections::rooms
