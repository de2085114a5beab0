// GET /api/rooms, newest activity first, and what one room holds: /{id}, /members, /messages,
// /bindings.
#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/asking.hpp"
#include "api/queries/event_list.hpp"
#include "api/queries/limits.hpp"
#include "api/queries/native_ids.hpp"
#include "api/queries/snapshots.hpp"
#include "api/rooms_json.hpp"
#include "api/routes/routes.hpp"
#include "projections/rooms/rooms_merge.hpp"

namespace decklog::api {
namespace {

namespace rooms = projections::rooms;

constexpr std::array<std::string_view, 3> kKinds{"any", "room", "direct"};
constexpr std::array<std::string_view, 3> kListParams{"kind", "limit", "cursor"};
constexpr std::array<std::string_view, 2> kPartParams{"limit", "cursor"};

/// Members and messages shown with a room: in the list, and alone.
constexpr std::size_t kListMembers = 20;
constexpr std::size_t kListMessages = 3;
constexpr std::size_t kRoomMembers = 1'000;
constexpr std::size_t kRoomMessages = 20;

/// What an answer about rooms is made with.
struct Desk {
    const Core& core;
    const projections::ViewSnapshots& snapshots;
    Opener opener;
    JsonWriter json{};

    [[nodiscard]] RoomsJson out(std::uint32_t partition) {
        return {json, core, partition, rows_in(partition), opener};
    }
    [[nodiscard]] const projections::RowReader& rows_in(std::uint32_t partition) const {
        return *snapshots[partition].rows;
    }
    Answer finish() {
        write_reflected(json, core, snapshots);
        return json_answer(json.end_object().take());
    }
    void next(std::string_view cursor) {
        json.key("next");
        cursor.empty() ? json.null() : json.text(cursor);
    }
};

Answer list_rooms(Desk& desk, Params& params) {
    params.allow({kListParams, kWaitParams});
    const std::string_view kind = params.word("kind", kKinds);
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const std::string cursor = params.text("cursor").value_or(std::string());
    if (params.refusal()) return answer_of(*params.refusal());
    const auto wanted = rooms::kind_from_text(kind == "any" ? std::string_view{} : kind);
    const auto page = rooms::list_rooms(projections::rows_of(desk.snapshots),
                                        wanted.value_or(rooms::Kind::any), limit, cursor);
    if (!page) return answer_of(page.error());
    desk.json.begin_object().key("items").begin_array();
    for (const auto& item : page->items) {
        desk.json.begin_object();
        desk.out(item.partition).room(item.room, kListMembers, kListMessages);
        desk.json.end_object();
    }
    desk.json.end_array();
    desk.next(page->next);
    return desk.finish();
}

Answer one_room(Desk& desk, const rooms::PlacedRoom& at, Params&) {
    desk.json.begin_object();
    desk.out(at.partition).room(at.room, kRoomMembers, kRoomMessages);
    return desk.finish();
}

Answer list_members(Desk& desk, const rooms::PlacedRoom& at, Params& params) {
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const std::string after = params.text("cursor").value_or(std::string());
    const auto members = rooms::members(desk.rows_in(at.partition), at.room.id);
    auto member = std::find_if(members.begin(), members.end(),
                               [&after](const auto& m) { return m.member > after; });
    desk.json.begin_object().key("items").begin_array();
    std::string last;
    RoomsJson out = desk.out(at.partition);
    for (std::size_t i = 0; i < limit && member != members.end(); ++i, ++member) {
        out.member(*member);
        last = member->member;
    }
    desk.json.end_array();
    desk.next(member == members.end() ? std::string_view{} : std::string_view{last});
    return desk.finish();
}

Answer list_messages(Desk& desk, const rooms::PlacedRoom& at, Params& params) {
    const auto limit = static_cast<std::size_t>(read_limit(params));
    const auto cursor = params.position("cursor");
    if (cursor && cursor->partition != at.partition)
        params.refuse(
            {"cursor_malformed", "give the `next` of an answer about the same room", "cursor", {}});
    if (params.refusal()) return answer_of(*params.refusal());
    const auto after = cursor ? std::optional(cursor->ordinal) : std::nullopt;
    const auto page = rooms::messages(desk.rows_in(at.partition), at.room.id, limit, after);
    desk.json.begin_object().key("items").begin_array();
    RoomsJson out = desk.out(at.partition);
    for (const auto& message : page.items) out.message(message);
    desk.json.end_array();
    desk.next(page.next ? cursor_of(desk.core, domain::Position{at.partition, *page.next})
                        : std::string());
    return desk.finish();
}

Answer list_bindings(Desk& desk, const rooms::PlacedRoom& at, Params&) {
    desk.json.begin_object().key("items").begin_array();
    desk.out(at.partition).bindings(at.room);
    desk.json.end_array();
    desk.next({});
    return desk.finish();
}

domain::Result<rooms::PlacedRoom> find_room(const Core& core,
                                            const projections::ViewSnapshots& snapshots,
                                            std::string_view id) {
    const auto candidates = room_ids(*core.vault, id);
    if (!candidates) return tl::unexpected(candidates.error());
    for (const std::string& candidate : *candidates) {
        if (auto room = rooms::room(projections::rows_of(snapshots), candidate)) return *room;
    }
    return domain::fail(domain::ErrorCode::not_found, "room");
}

using RoomAnswer = Answer (*)(Desk&, const rooms::PlacedRoom&, Params&);

Route get(std::string path, Handler handle) {
    Route route;
    route.path = std::move(path);
    route.access = Access::viewer;
    route.takes_query = true;
    route.handle = std::move(handle);
    return route;
}

Route about_room(const Core& core, std::string path, RoomAnswer answer,
                 std::span<const std::string_view> known) {
    return get(
        std::move(path),
        asking(
            core, AnswersFrom{"rooms"},
            [&core, answer, known](const Request& request, Params& params) {
                params.allow({known, kWaitParams});
                const auto snapshots = core.engines->snapshots("rooms");
                if (!snapshots) return answer_of(snapshots.error());
                const auto room = find_room(core, *snapshots, request.captures.front());
                if (!room) return answer_of(room.error());
                Desk desk{core, *snapshots, Opener(*core.vault, request.principal.opens_sealed())};
                return answer(desk, *room, params);
            }));
}

}  // namespace

std::vector<Route> room_routes(const Core& core) {
    return {get("/api/rooms", asking(core, AnswersFrom{"rooms"},
                                     [&core](const Request& request, Params& params) {
                                         const auto snapshots = core.engines->snapshots("rooms");
                                         if (!snapshots) return answer_of(snapshots.error());
                                         Desk desk{
                                             core, *snapshots,
                                             Opener(*core.vault, request.principal.opens_sealed())};
                                         return list_rooms(desk, params);
                                     })),
            about_room(core, "/api/rooms/{id}", one_room, {}),
            about_room(core, "/api/rooms/{id}/members", list_members, kPartParams),
            about_room(core, "/api/rooms/{id}/messages", list_messages, kPartParams),
            about_room(core, "/api/rooms/{id}/bindings", list_bindings, {})};
}

}  // namespace decklog::api
