#include "domain/ledger/lineage.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "domain/payload.hpp"

namespace decklog::domain {
namespace {

static_assert(Decider<Lineage>);

constexpr std::array<std::string_view, 3> kReasons{"restore", "import", "copy"};
constexpr std::size_t kTargetNameBytesMax = 249;  // of a topic
constexpr std::size_t kShownIdBytes = 4;          // of a ledger id, in front of every cursor

std::unique_ptr<fb::Key16> key16(const LedgerId& id) {
    auto key = std::make_unique<fb::Key16>();
    std::memcpy(key.get(), id.bytes.data(), id.bytes.size());
    return key;
}

LedgerId id_of(const fb::Key16* key) {
    LedgerId id;
    std::memcpy(id.bytes.data(), key, id.bytes.size());
    return id;
}

NewEvent audited(EventType type, const LedgerOrder& order, Bytes payload) {
    NewEvent event;
    event.type = type;
    event.stream = ledger_stream(order.partition);
    event.occurred_at_us = order.now_us;
    event.actor = order.actor;
    event.recorded_by = order.recorded_by;
    event.platform = "decklog";
    event.trace_id = order.trace_id;
    event.payload = std::move(payload);
    return event;
}

bool would_share_cursors(const LedgerId& left, const LedgerId& right) {
    return std::equal(left.bytes.begin(), left.bytes.begin() + kShownIdBytes, right.bytes.begin());
}

Decision<Events> decide_on(const ForkLedger& command, const Lineage::State& state) {
    if (command.new_id.is_zero() || would_share_cursors(command.new_id, *state.id)) {
        return reject("same_ledger", "the new id must differ from the old one in its first bytes",
                      "ledgerId");
    }
    if (std::find(kReasons.begin(), kReasons.end(), command.reason) == kReasons.end()) {
        return reject("unknown_reason", "the reason is restore, import or copy", "reason");
    }
    fb::LedgerForkedT payload;
    payload.from_ledger_id = key16(*state.id);
    payload.ledger_id = key16(command.new_id);
    payload.reason = command.reason;
    return Events{audited(EventType::ledger_forked, command.order, encode_payload(payload))};
}

Decision<Events> decide_on(const AdoptLedger& command, const Lineage::State& state) {
    if (!state.held) return Events{};
    fb::LedgerAdoptedT payload;
    payload.since_ordinal = command.since_ordinal;
    return Events{audited(EventType::ledger_adopted, command.order, encode_payload(payload))};
}

Decision<Events> decide_on(const MoveLedger& command, const Lineage::State& state) {
    const MoveTarget& to = command.to;
    if (to.kind != "topic" && to.kind != "directory")
        return reject("move_target", "a ledger moves to a topic or to a directory", "kind");
    if (to.name.empty() || to.name.size() > kTargetNameBytesMax)
        return reject("move_target", "the name has 1 to 249 bytes", "name", kTargetNameBytesMax);
    if (state.moved && *state.moved != to) {
        return reject("moved_elsewhere",
                      "this ledger was moved to the " + state.moved->kind + " " +
                          state.moved->name + "; finish that, or take it back first",
                      "name");
    }
    if (state.moved) return Events{};
    fb::LedgerMovedT payload;
    payload.to_kind = to.kind;
    payload.to_name = to.name;
    return Events{audited(EventType::ledger_moved, command.order, encode_payload(payload))};
}

const LedgerOrder& order_of(const Lineage::Command& command) {
    return std::visit([](const auto& c) -> const LedgerOrder& { return c.order; }, command);
}

Intent bound(std::string name, Lineage::Command command) {
    StreamRef home{"default", ledger_stream(order_of(command).partition)};
    return intent<Lineage>(std::move(name), std::move(home), std::move(command));
}

}  // namespace

Lineage::State Lineage::evolve(State state, const EventView& event) {
    const TypeInfo* info = find_type(event.type());
    if (info == nullptr || event.schema_version() > info->schema_version)
        state.is_beyond_build = true;
    if (state.is_beyond_build) return state;
    if (const auto created = created_id_of(event)) state.id = *created;
    if (const auto fork = fork_of(event)) {
        state.id = fork->to;
        state.held = true;
        state.moved.reset();
    }
    if (auto moved = move_of(event)) state.moved = *std::move(moved);
    if (event.is(EventType::ledger_adopted)) state.held = false;
    return state;
}

std::vector<StreamRef> Lineage::reads(const Command& command) {
    return {StreamRef{"default", ledger_stream(order_of(command).partition)}};
}

Decision<Events> Lineage::decide(const Command& command, const State& state) {
    if (state.is_beyond_build) {
        return reject("newer_build", "a newer release wrote to this ledger; use that release");
    }
    if (!state.id) return reject("no_ledger", "this ledger has no LedgerCreated; verify it");
    return std::visit([&state](const auto& c) { return decide_on(c, state); }, command);
}

Intent fork_ledger(ForkLedger command) { return bound("fork_ledger", std::move(command)); }

Intent adopt_ledger(AdoptLedger command) { return bound("adopt_ledger", std::move(command)); }

Intent move_ledger(MoveLedger command) { return bound("move_ledger", std::move(command)); }

std::string ledger_stream(std::uint32_t partition) { return "ledger/" + std::to_string(partition); }

std::optional<Fork> fork_of(const EventView& event) {
    if (!event.is(EventType::ledger_forked)) return std::nullopt;
    const auto* payload = event.payload_as<fb::LedgerForked>();
    if (payload == nullptr || payload->from_ledger_id() == nullptr ||
        payload->ledger_id() == nullptr) {
        return std::nullopt;
    }
    Fork fork{id_of(payload->from_ledger_id()), id_of(payload->ledger_id()), {}};
    if (const auto* reason = payload->reason()) fork.reason = reason->str();
    return fork;
}

std::optional<MoveTarget> move_of(const EventView& event) {
    if (!event.is(EventType::ledger_moved)) return std::nullopt;
    const auto* payload = event.payload_as<fb::LedgerMoved>();
    if (payload == nullptr || payload->to_kind() == nullptr || payload->to_name() == nullptr)
        return std::nullopt;
    return MoveTarget{payload->to_kind()->str(), payload->to_name()->str()};
}

std::optional<LedgerId> created_id_of(const EventView& event) {
    if (!event.is(EventType::ledger_created)) return std::nullopt;
    const auto* payload = event.payload_as<fb::LedgerCreated>();
    if (payload == nullptr || payload->ledger_id() == nullptr) return std::nullopt;
    return id_of(payload->ledger_id());
}

}  // namespace decklog::domain
