// How what a platform names may stand in the clear. People and one-to-one chats are subject ids;
// ids that have a person inside are keyed hashes; everything else keeps its own name. Which is
// which is a row of platform_traits. Invariant: nothing that leaves here names a person to somebody
// without the vault.
#pragma once

#include <string>
#include <string_view>

#include "ingest/people.hpp"
#include "ingest/platform_traits.hpp"
#include "store/vault/vault.hpp"

namespace decklog::ingest {

class ClearNames {
  public:
    ClearNames(const PlatformTraits& traits, std::string_view account, const store::Vault& vault,
               const People& people)
        : traits_(traits), account_(account), vault_(vault), people_(people) {}

    /// `p_…`, `c_…` or the room's own id.
    [[nodiscard]] std::string conversation(const Room& room) const;
    [[nodiscard]] std::string person(std::string_view native_id) const;
    /// `m_…` where the platform's message ids name people; empty stays empty.
    [[nodiscard]] std::string message(std::string_view native_id) const;
    [[nodiscard]] std::string interaction(std::string_view native_id) const;
    /// `r_…`: tells one reaction of a person from another without saying which it is.
    [[nodiscard]] std::string reaction(std::string_view text) const;

    /// Does the room's id say who the counterpart is?
    [[nodiscard]] static bool names_person(const PlatformTraits& traits, const Room& room) {
        return room.direct && traits.direct_room_is_person;
    }
    /// Are the room's and message's own ids kept from the clear, so that they must be sealed?
    [[nodiscard]] static bool is_hidden(const PlatformTraits& traits, const Room& room) {
        return room.direct || traits.group_id_names_person;
    }

  private:
    [[nodiscard]] std::string hashed(std::string_view prefix, store::HashPurpose purpose,
                                     std::string_view native_id) const;

    const PlatformTraits& traits_;
    std::string_view account_;
    const store::Vault& vault_;
    const People& people_;
};

}  // namespace decklog::ingest
