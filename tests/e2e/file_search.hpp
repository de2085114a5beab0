// Everything that files hold, as one text to search: their bytes, and the rows of a database as
// RocksDB gives them, decompressed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace decklog::e2e {

[[nodiscard]] std::string whole_file(const std::filesystem::path& path);
using EachRow =
    std::function<void(std::string_view family, std::string_view key, std::string_view value)>;
/// Every row of a database that nobody has open.
void for_each_row(const std::filesystem::path& database, const EachRow& sink);
/// All keys and values of all families.
[[nodiscard]] std::string all_rows(const std::filesystem::path& database);
[[nodiscard]] std::string all_files(const std::filesystem::path& folder);

}  // namespace decklog::e2e
