// Numbers back to words, for printing: each is read once, texts of several parts are joined by
// slashes. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "projections/audit/audit_rows.hpp"
#include "projections/counting/words.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::audit {

/// `outbound/draft`; `uncounted` for a message that is neither inbound nor outbound.
[[nodiscard]] std::string message_text(std::uint32_t number);

class PrintedWords {
  public:
    explicit PrintedWords(const RowReader& rows) : words_(rows) {}
    [[nodiscard]] std::string text(counting::Slot slot);
    /// Empty for number 0.
    [[nodiscard]] std::string text(Group group, std::uint32_t number);

  private:
    [[nodiscard]] std::string resolve(Group group, std::uint32_t number) const;

    counting::Words words_;
    std::unordered_map<std::uint64_t, std::string> texts_;  // by book and number
};

}  // namespace decklog::projections::audit
