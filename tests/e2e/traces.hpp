// What a person leaves in a data directory, for those who search it after an erasure: bytes of the
// files, rows, and everything that any key left in the vault still opens.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/ledger.hpp"

namespace decklog::e2e {

/// How often `word` stands in `text`.
[[nodiscard]] std::size_t found(const std::string& text, const std::string& word);

/// Fails the test where one of the words stands in `bytes`: as it is, or in base64.
void expect_none_of(const std::vector<std::string>& words, const std::string& bytes,
                    const std::string& where);

/// All rows of the vault of a data directory that nobody has open.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> vault_rows(
    const std::filesystem::path& data);

/// The ledger of a data directory that nobody has open; null, and the test fails, when it does not
/// open.
[[nodiscard]] std::unique_ptr<store::Ledger> open_read_only(const std::filesystem::path& data);

/// Tries every key that is left on every sealed part and every raw body; what opens, as one text.
/// Opens the ledger: give it a copy.
[[nodiscard]] std::string opened_with_every_key(const std::filesystem::path& data);

}  // namespace decklog::e2e
