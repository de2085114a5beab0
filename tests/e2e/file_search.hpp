// Everything that files hold, as one text to search: their bytes, and the rows of a database as
// RocksDB gives them, decompressed.
#pragma once

#include <filesystem>
#include <string>

namespace decklog::e2e {

[[nodiscard]] std::string whole_file(const std::filesystem::path& path);
/// All keys and values of all families.
[[nodiscard]] std::string all_rows(const std::filesystem::path& database);
[[nodiscard]] std::string all_files(const std::filesystem::path& folder);

}  // namespace decklog::e2e
