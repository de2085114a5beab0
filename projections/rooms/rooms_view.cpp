#include "projections/rooms/rooms_view.hpp"

#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "domain/time_text.hpp"
#include "projections/rooms/limits.hpp"
#include "projections/rooms/rooms_fold.hpp"
#include "projections/rooms/rooms_query.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections {
namespace {

namespace json = boost::json;

/// One room as rows of one partition tell it.
class Printer {
  public:
    Printer(const RowReader& rows, std::uint32_t partition) : rows_(rows), partition_(partition) {}

    [[nodiscard]] json::object room(const rooms::RoomInfo& room) const {
        json::object object{{"room", room.id},
                            {"workspace", room.workspace},
                            {"platform", room.platform},
                            {"account", room.account},
                            {"conversation", room.conversation},
                            {"kind", room.direct ? "direct" : "room"},
                            {"firstActivity", domain::to_rfc3339(room.first_activity_us)},
                            {"lastActivity", domain::to_rfc3339(room.last_activity_us)},
                            {"lastPosition", place(room.last_ordinal)},
                            {"messageCount", room.message_count},
                            {"memberCount", room.member_count}};
        if (!room.migrated_to.empty()) object.emplace("migratedTo", room.migrated_to);
        if (!room.migrated_from.empty()) object.emplace("migratedFrom", room.migrated_from);
        json::array members;
        for (const auto& member : rooms::members(rows_, room.id))
            members.emplace_back(printed(member));
        object.emplace("members", std::move(members));
        json::array messages;
        for (const auto& message :
             rooms::messages(rows_, room.id, rooms::kPrintedMessages, std::nullopt).items) {
            messages.emplace_back(printed(message));
        }
        object.emplace("messages", std::move(messages));
        return object;
    }

  private:
    [[nodiscard]] std::string place(std::uint64_t ordinal) const {
        return std::to_string(partition_) + ':' + std::to_string(ordinal);
    }
    void put_place(json::object& object, json::string_view name,
                   const std::optional<std::uint64_t>& ordinal) const {
        if (ordinal) object.emplace(name, place(*ordinal));
    }
    [[nodiscard]] json::object printed(const rooms::MemberInfo& member) const {
        json::object object{
            {"member", member.member}, {"bot", member.bot}, {"present", member.present}};
        put_place(object, "joined", member.joined_ordinal);
        put_place(object, "left", member.left_ordinal);
        put_place(object, "seen", member.seen_ordinal);
        if (member.last_seen_us)
            object.emplace("lastSeen", domain::to_rfc3339(*member.last_seen_us));
        return object;
    }
    [[nodiscard]] json::object printed(const rooms::MessageInfo& message) const {
        json::object object{{"messageId", message.message_id}};
        put_place(object, "position", message.ordinal);
        if (message.ordinal) {
            object.emplace("author", message.author);
            object.emplace("occurredAt", domain::to_rfc3339(message.occurred_at_us));
        }
        put_place(object, "edited", message.edit_ordinal);
        put_place(object, "deleted", message.deleted_ordinal);
        if (message.reactions > 0) object.emplace("reactions", message.reactions);
        if (!message.status.empty()) object.emplace("status", message.status);
        if (message.error_code != 0) object.emplace("errorCode", message.error_code);
        return object;
    }

    const RowReader& rows_;
    const std::uint32_t partition_;
};

class RoomsView final : public View {
  public:
    [[nodiscard]] std::string_view name() const override { return "rooms"; }
    [[nodiscard]] std::uint32_t logic_version() const override { return 1; }
    [[nodiscard]] std::uint64_t fingerprint() const override { return 0x6104b7e23b9c1f46; }
    [[nodiscard]] std::span<const domain::Family> families() const override {
        static constexpr domain::Family kFamilies[] = {domain::Family::chat};
        return kFamilies;
    }
    [[nodiscard]] std::unique_ptr<Fold> begin(const RowReader& rows) const override {
        return std::make_unique<rooms::RoomsFold>(rows);
    }
    void print(const RowReader& rows, std::uint32_t partition,
               const std::function<bool(json::object)>& sink) const override {
        const Printer printer(rows, partition);
        const std::string prefix = rooms::room_key({});
        rows.scan(prefix, end_of_prefix(prefix), [&](std::string_view key, std::string_view) {
            const auto room = rooms::room(rows, key.substr(prefix.size()));
            return !room || sink(printer.room(*room));
        });
    }
};

}  // namespace

const View& rooms_view() {
    static const RoomsView view;
    return view;
}

}  // namespace decklog::projections
