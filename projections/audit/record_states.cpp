#include "projections/audit/record_states.hpp"

#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::audit {

std::string record_key(char tag, std::string_view workspace, std::string_view id) {
    return tag + counting::texts(workspace, id);
}

std::string to_bytes(const RecordState& state) {
    std::string bytes;
    put_be64_signed(bytes, state.changed_at_us);
    put_varint(bytes, state.ordinal);
    put_be64_signed(bytes, state.counted_at_us);
    put_varint(bytes, state.first);
    put_varint(bytes, state.second);
    return bytes;
}

RecordState record_state(std::string_view row) {
    RowBytes bytes(row);
    RecordState state;
    state.changed_at_us = bytes.be64_signed();
    state.ordinal = bytes.varint();
    state.counted_at_us = bytes.be64_signed();
    state.first = static_cast<std::uint32_t>(bytes.varint());
    state.second = static_cast<std::uint32_t>(bytes.varint());
    return state;
}

std::optional<RecordStates::Change> RecordStates::change(std::string_view workspace,
                                                         std::string_view id,
                                                         const RecordState& after) {
    const auto [entry, is_new] = known_.try_emplace(record_key(tag_, workspace, id));
    Known& known = entry->second;
    if (is_new) {
        if (const auto row = rows_.get(entry->first)) known.state = record_state(*row);
    }
    if (known.state && known.state->changed_at_us > after.changed_at_us) return std::nullopt;
    Change change{known.state, after};
    known = {after, true};
    return change;
}

void RecordStates::finish(RowWriter& rows) {
    for (const auto& [key, known] : known_) {
        if (known.changed) rows.put(key, to_bytes(*known.state));
    }
    known_.clear();
}

}  // namespace decklog::projections::audit
