#include "projections/build_id.hpp"

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <spdlog/fmt/fmt.h>

#include "domain/ids.hpp"

namespace decklog::projections {
namespace {

constexpr std::size_t kAlignment = 4;
constexpr std::size_t padded(std::size_t size) {
    return (size + kAlignment - 1) / kAlignment * kAlignment;
}

/// The build id among the notes of one segment, in hex; empty when it is not there.
std::string id_in_notes(const std::uint8_t* notes, std::size_t size) {
    while (size >= sizeof(ElfW(Nhdr))) {
        ElfW(Nhdr) header;
        std::memcpy(&header, notes, sizeof header);
        const std::size_t name_bytes = padded(header.n_namesz);
        const std::size_t whole = sizeof header + name_bytes + padded(header.n_descsz);
        if (whole > size) return {};
        if (header.n_type == NT_GNU_BUILD_ID) {
            return domain::to_hex(notes + sizeof header + name_bytes, header.n_descsz);
        }
        notes += whole;
        size -= whole;
    }
    return {};
}

/// dl_iterate_phdr calls with the program itself first; 1 ends the walk there.
int find_in_program(dl_phdr_info* program, std::size_t, void* found) {
    for (std::size_t i = 0; i < program->dlpi_phnum; ++i) {
        const auto& segment = program->dlpi_phdr[i];
        if (segment.p_type != PT_NOTE) continue;
        const auto* notes =
            reinterpret_cast<const std::uint8_t*>(program->dlpi_addr + segment.p_vaddr);
        std::string id = id_in_notes(notes, segment.p_memsz);
        if (!id.empty()) {
            *static_cast<std::string*>(found) = std::move(id);
            return 1;
        }
    }
    return 1;
}

}  // namespace

std::string build_id() {
    std::string id;
    dl_iterate_phdr(find_in_program, &id);
    if (!id.empty()) return id;
    std::error_code ignored;
    const std::filesystem::path self("/proc/self/exe");
    return fmt::format("{}-{}", std::filesystem::file_size(self, ignored),
                       std::filesystem::last_write_time(self, ignored).time_since_epoch().count());
}

}  // namespace decklog::projections
