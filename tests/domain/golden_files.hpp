// Reads the files under tests/golden, and writes them only when DECKLOG_REGENERATE_GOLDEN=1 says
// so: golden bytes stand for what is on people's disks, so no ordinary run may change them.
#pragma once

#include <flatbuffers/reflection_generated.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace decklog::domain::golden {

inline const std::filesystem::path kDirectory =
    std::filesystem::path(DECKLOG_SOURCE_DIR) / "tests" / "golden";

[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_bytes(
    const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, const std::vector<std::uint8_t>& bytes);
[[nodiscard]] bool is_regenerating();

/// A table or struct of a binary schema by its full name; nullptr: it has none.
[[nodiscard]] const reflection::Object* find_table(const reflection::Schema& schema,
                                                   std::string_view name);

}  // namespace decklog::domain::golden
