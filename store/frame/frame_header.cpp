#include "store/frame/frame_header.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "store/frame/crc32c.hpp"

namespace decklog::store {
namespace {

static_assert(std::endian::native == std::endian::little,
              "frames are little-endian and copied as they are");

constexpr std::size_t kFormatAt = 4;
constexpr std::size_t kCodecAt = 5;
constexpr std::size_t kFlagsAt = 6;
constexpr std::size_t kBodyLengthAt = 8;
constexpr std::size_t kCrcAt = 12;
constexpr std::size_t kPartitionAt = 16;
constexpr std::size_t kEventCountAt = 20;
constexpr std::size_t kFirstPositionAt = 24;
constexpr std::size_t kRecordedAt = 32;
constexpr std::size_t kLedgerAt = 40;
constexpr std::size_t kReservedAt = 48;

template <class Integer>
void put(std::span<std::uint8_t, kHeaderBytes> bytes, std::size_t at, Integer value) {
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <class Integer>
Integer get(std::span<const std::uint8_t, kHeaderBytes> bytes, std::size_t at) {
    Integer value{};
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

tl::unexpected<domain::Error> unknown(std::string_view field, unsigned value) {
    return domain::fail(
        domain::ErrorCode::other_format,
        std::string(field) + " " + std::to_string(value) + " is not known to this release");
}

}  // namespace

void write_header(const FrameHeader& header, std::span<std::uint8_t, kHeaderBytes> bytes) {
    std::fill(bytes.begin(), bytes.end(), std::uint8_t{0});
    put(bytes, 0, kFrameMagic);
    put(bytes, kFormatAt, kFrameFormat);
    put(bytes, kCodecAt, kFrameCodecNone);
    put(bytes, kFlagsAt, header.flags);
    put(bytes, kBodyLengthAt, header.body_length);
    put(bytes, kCrcAt, header.crc32c);
    put(bytes, kPartitionAt, header.partition);
    put(bytes, kEventCountAt, header.event_count);
    put(bytes, kFirstPositionAt, header.first_position);
    put(bytes, kRecordedAt, header.recorded_at_us);
    put(bytes, kLedgerAt, header.ledger);
}

FrameHeader read_header(std::span<const std::uint8_t, kHeaderBytes> bytes) {
    FrameHeader header;
    header.flags = get<std::uint16_t>(bytes, kFlagsAt);
    header.body_length = get<std::uint32_t>(bytes, kBodyLengthAt);
    header.crc32c = get<std::uint32_t>(bytes, kCrcAt);
    header.partition = get<std::uint32_t>(bytes, kPartitionAt);
    header.event_count = get<std::uint32_t>(bytes, kEventCountAt);
    header.first_position = get<std::uint64_t>(bytes, kFirstPositionAt);
    header.recorded_at_us = get<std::int64_t>(bytes, kRecordedAt);
    header.ledger = get<std::uint64_t>(bytes, kLedgerAt);
    return header;
}

std::uint32_t frame_crc(std::span<const std::uint8_t, kHeaderBytes> header,
                        std::span<const std::uint8_t> body) {
    std::array<std::uint8_t, kHeaderBytes> unsummed{};
    std::copy(header.begin(), header.end(), unsummed.begin());
    put<std::uint32_t>(unsummed, kCrcAt, 0);
    return crc32c(body, crc32c(unsummed));
}

std::uint64_t ledger_prefix(const domain::LedgerId& ledger) {
    std::uint64_t prefix = 0;
    std::memcpy(&prefix, ledger.bytes.data(), sizeof prefix);
    return prefix;
}

domain::Result<void> must_understand(std::span<const std::uint8_t, kHeaderBytes> header) {
    if (const auto format = get<std::uint8_t>(header, kFormatAt); format != kFrameFormat) {
        return unknown("frame format", format);
    }
    if (const auto codec = get<std::uint8_t>(header, kCodecAt); codec != kFrameCodecNone) {
        return unknown("frame codec", codec);
    }
    if (const unsigned high = get<std::uint16_t>(header, kFlagsAt) >> 8U; high != 0) {
        return unknown("frame flags (high byte)", high);
    }
    for (std::size_t at = kReservedAt; at < kHeaderBytes; ++at) {
        if (header[at] != 0) return unknown("frame reserved byte", header[at]);
    }
    return {};
}

}  // namespace decklog::store
