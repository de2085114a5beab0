#include "store/directory/head_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <memory>

#include "store/directory/private_files.hpp"
#include "store/frame/crc32c.hpp"
#include "store/log.hpp"

namespace decklog::store {
namespace {

constexpr std::uint32_t kMagic = 0x44484B44;  // "DKHD"
constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kSlotBytes = 64;
constexpr std::size_t kPartitionAt = 8;
constexpr std::size_t kOrdinalAt = 16;
constexpr std::size_t kChainAt = 24;
constexpr std::size_t kCrcAt = kSlotBytes - sizeof(std::uint32_t);

using Slot = std::array<std::uint8_t, kSlotBytes>;

template <class Integer>
void put(Slot& slot, std::size_t at, Integer value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
        slot[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
}

template <class Integer>
Integer get(const Slot& slot, std::size_t at) {
    Integer value = 0;
    for (std::size_t i = sizeof value; i-- > 0;) {
        value = static_cast<Integer>((value << 8U) | slot[at + i]);
    }
    return value;
}

std::uint32_t crc_of(const Slot& slot) { return crc32c(std::span(slot).first(kCrcAt)); }

Slot encode(const HeadFile& head) {
    Slot slot{};
    put(slot, 0, kMagic);
    slot[4] = kFormat;
    put(slot, kPartitionAt, head.last.partition);
    put(slot, kOrdinalAt, head.last.ordinal);
    std::copy(head.chain.begin(), head.chain.end(), slot.begin() + kChainAt);
    put(slot, kCrcAt, crc_of(slot));
    return slot;
}

off_t slot_at(std::uint32_t partition) {
    return static_cast<off_t>(partition) * static_cast<off_t>(kSlotBytes);
}

}  // namespace

domain::Result<std::optional<HeadFile>> read_head(const std::filesystem::path& file,
                                                  std::uint32_t partition) {
    const FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open() && errno == ENOENT) return std::nullopt;
    if (!fd.is_open()) return io_error("open " + file.string());
    Slot slot{};
    const ssize_t got = ::pread(fd.get(), slot.data(), slot.size(), slot_at(partition));
    if (got < 0) return io_error("read " + file.string());
    const bool whole = static_cast<std::size_t>(got) == slot.size() &&
                       get<std::uint32_t>(slot, 0) == kMagic &&
                       get<std::uint32_t>(slot, kCrcAt) == crc_of(slot);
    if (!whole) return std::nullopt;
    if (slot[4] != kFormat) {
        return domain::fail(
            domain::ErrorCode::other_format,
            "HEAD has format " + std::to_string(slot[4]) + ", this release knows only 1");
    }
    if (get<std::uint32_t>(slot, kPartitionAt) != partition) return std::nullopt;
    HeadFile head;
    head.last = {partition, get<std::uint64_t>(slot, kOrdinalAt)};
    std::copy_n(slot.begin() + kChainAt, head.chain.size(), head.chain.begin());
    return head;
}

domain::Result<NotedHeads> read_heads(const std::filesystem::path& file) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    if (error == std::errc::no_such_file_or_directory) return NotedHeads();
    if (error)
        return domain::fail(domain::ErrorCode::io,
                            "read " + file.string() + ": " + error.message());
    NotedHeads heads;
    for (std::uint32_t partition = 0; partition * kSlotBytes < bytes; ++partition) {
        auto head = read_head(file, partition);
        if (!head) return tl::unexpected(std::move(head).error());
        heads.push_back(*head);
    }
    return heads;
}

domain::Result<void> write_head(int fd, const HeadFile& head) {
    const Slot slot = encode(head);
    const ssize_t written = ::pwrite(fd, slot.data(), slot.size(), slot_at(head.last.partition));
    if (written != static_cast<ssize_t>(slot.size())) return io_error("write HEAD");
    return {};
}

domain::Result<HeadNote> open_head_note(const std::filesystem::path& file) {
    auto head = std::make_shared<FileDescriptor>(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!head->is_open()) return io_error("open " + file.string());
    const auto warned = std::make_shared<std::atomic<bool>>(false);
    return [head, warned](domain::Position last, const domain::Bytes32& chain) {
        const auto written = write_head(head->get(), {last, chain});
        if (written || warned->exchange(true)) return;
        log_warn("ledger", {}, "HEAD cannot be written, a cut log would go unnoticed: {}",
                 written.error().context);
    };
}

}  // namespace decklog::store
