// Looking event types up, and the names that are not for everyone to take.
#include <algorithm>
#include <array>

#include "domain/registry.hpp"

namespace decklog::domain {
namespace {

// Names of types that later releases write, and the action names of the two carriers: nobody
// outside may take them first.
constexpr std::array<std::string_view, 22> kReservedBesides{
    "AuditActionRecorded",
    "audit_action_recorded",
    "ExternalEventRecorded",
    "external_event_recorded",
    "ReactorAdvanced",
    "reactor_advanced",
    "DeliveryIntended",
    "delivery_intended",
    "AttemptStarted",
    "attempt_started",
    "Delivered",
    "delivered",
    "Deferred",
    "deferred",
    "Ambiguous",
    "ambiguous",
    "Rejected",
    "rejected",
    "DeadLettered",
    "dead_lettered",
    "Announce",
    "Barrier",
};

std::uint32_t number_of(const TypeInfo& info) { return static_cast<std::uint32_t>(info.type); }

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool same_ignoring_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

// Folds ask for the type of every event, so it is found by halving.
const TypeInfo* find_type(std::uint32_t type) {
    const auto types = all_types();
    const auto found = std::lower_bound(
        types.begin(), types.end(), type,
        [](const TypeInfo& info, auto sought) { return number_of(info) < sought; });
    return found == types.end() || number_of(*found) != type ? nullptr : &*found;
}

const TypeInfo* find_type_by_name(std::string_view name) {
    const auto types = all_types();
    const auto found = std::find_if(types.begin(), types.end(),
                                    [name](const TypeInfo& info) { return info.name == name; });
    return found == types.end() ? nullptr : &*found;
}

bool is_reserved_name(std::string_view name) {
    if (find_action(name) != nullptr) return false;
    const auto types = all_types();
    const auto same = [name](std::string_view taken) { return same_ignoring_case(name, taken); };
    return std::any_of(types.begin(), types.end(),
                       [&](const TypeInfo& info) {
                           return info.writer == Writer::ours &&
                                  (same(info.name) || same(info.action));
                       }) ||
           std::any_of(kReservedBesides.begin(), kReservedBesides.end(), same);
}

std::span<const std::string_view> reserved_besides() { return kReservedBesides; }

}  // namespace decklog::domain
