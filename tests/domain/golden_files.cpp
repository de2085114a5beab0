#include "tests/domain/golden_files.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace decklog::domain::golden {

std::optional<std::vector<std::uint8_t>> read_bytes(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    return std::vector<std::uint8_t>(std::istreambuf_iterator<char>(file), {});
}

void write_bytes(const std::filesystem::path& path, const std::vector<std::uint8_t>& bytes) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
}

bool is_regenerating() {
    const char* value = std::getenv("DECKLOG_REGENERATE_GOLDEN");
    return value != nullptr && std::string_view(value) == "1";
}

const reflection::Object* find_table(const reflection::Schema& schema, std::string_view name) {
    for (const reflection::Object* object : *schema.objects()) {
        if (object->name()->string_view() == name) return object;
    }
    return nullptr;
}

}  // namespace decklog::domain::golden
