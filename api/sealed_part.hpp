// Opens sealed parts at the edge, and only there. What may not be opened shows as `[sealed]`, what
// was erased as `[erased]`, to everybody: that a person was forgotten is no secret. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/json_writer.hpp"
#include "domain/event.hpp"
#include "store/vault/vault.hpp"

namespace decklog::api {

struct SealedPart {
    enum class State : std::uint8_t { none, sealed, erased, opened };
    State state = State::none;
    fb::PersonalT personal{};  // only when opened
    [[nodiscard]] bool is_opened() const { return state == State::opened; }
    /// `[sealed]` or `[erased]`.
    [[nodiscard]] std::string_view placeholder() const;
};

class Opener {
  public:
    /// The vault outlives the opener.
    Opener(const store::Vault& vault, bool may_open) : vault_(&vault), may_open_(may_open) {}
    [[nodiscard]] SealedPart open(const domain::EventView& event) const;
    [[nodiscard]] SealedPart open(std::span<const std::uint8_t> sealed) const;

  private:
    const store::Vault* vault_;
    bool may_open_;
};

/// The opened part as an object, else its placeholder.
void write_personal(JsonWriter& json, const SealedPart& part);

}  // namespace decklog::api
