#include "ingest/clear_names.hpp"

namespace decklog::ingest {

std::string ClearNames::hashed(std::string_view prefix, store::HashPurpose purpose,
                               std::string_view native_id) const {
    const std::string_view parts[] = {traits_.name, account_, native_id};
    return std::string(prefix) + domain::to_hex(vault_.keyed_hash(purpose, parts));
}

std::string ClearNames::conversation(const Room& room) const {
    if (names_person(traits_, room)) return person(room.native_id);
    if (is_hidden(traits_, room)) return hashed("c_", store::HashPurpose::room, room.native_id);
    return room.native_id;
}

std::string ClearNames::person(std::string_view native_id) const {
    return domain::to_text(people_.person(native_id));
}

std::string ClearNames::message(std::string_view native_id) const {
    if (native_id.empty() || !traits_.message_id_names_person) return std::string(native_id);
    return hashed("m_", store::HashPurpose::message, native_id);
}

std::string ClearNames::interaction(std::string_view native_id) const {
    if (native_id.empty() || !traits_.interaction_id_names_person) return std::string(native_id);
    return hashed("i_", store::HashPurpose::message, native_id);
}

std::string ClearNames::reaction(std::string_view text) const {
    return hashed("r_", store::HashPurpose::message, text);
}

}  // namespace decklog::ingest
