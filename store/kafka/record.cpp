#include "store/kafka/record.hpp"

#include <algorithm>
#include <cstring>

#include "store/frame/crc32c.hpp"
#include "store/kafka/transport_generated.h"

namespace decklog::store::kafka {
namespace {

constexpr std::uint32_t kMagic = 0x524B4C44;  // "DLKR"
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = sizeof(fb::TransportHeader);
constexpr std::size_t kCrcAt = 12;
static_assert(kHeaderBytes == 88);

std::uint32_t crc_of(std::span<const std::uint8_t> record) {
    std::array<std::uint8_t, kHeaderBytes> header{};
    std::copy_n(record.begin(), kHeaderBytes, header.begin());
    std::fill_n(header.begin() + kCrcAt, sizeof(std::uint32_t), std::uint8_t{0});
    return crc32c(record.subspan(kHeaderBytes), crc32c(header));
}

template <std::size_t Size>
flatbuffers::span<const std::uint8_t, Size> as_array(const std::array<std::uint8_t, Size>& bytes) {
    return flatbuffers::span<const std::uint8_t, Size>(bytes.data(), Size);
}

template <std::uint16_t Size>
std::array<std::uint8_t, Size> bytes_of(const flatbuffers::Array<std::uint8_t, Size>& array) {
    std::array<std::uint8_t, Size> bytes{};
    std::copy_n(array.Data(), bytes.size(), bytes.begin());
    return bytes;
}

tl::unexpected<domain::Error> corrupt(const char* what) {
    return domain::fail(domain::ErrorCode::corrupt, what);
}

bool is_known(std::uint8_t kind) {
    return kind >= static_cast<std::uint8_t>(RecordKind::announce) &&
           kind <= static_cast<std::uint8_t>(RecordKind::barrier);
}

}  // namespace

domain::Bytes encode_record(const RecordHeader& header, std::span<const std::uint8_t> body) {
    domain::Bytes record(kHeaderBytes + body.size());
    const auto write_header = [&](std::uint32_t crc) {
        const fb::TransportHeader fields(kMagic, kVersion, static_cast<std::uint8_t>(header.kind),
                                         0, static_cast<std::uint32_t>(body.size()), crc,
                                         header.epoch, as_array(header.nonce.bytes), header.seq,
                                         header.first_position, as_array(header.prev_head));
        std::memcpy(record.data(), &fields, kHeaderBytes);
    };
    write_header(0);
    std::copy(body.begin(), body.end(), record.begin() + kHeaderBytes);
    write_header(crc_of(record));
    return record;
}

domain::Result<Record> decode_record(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < kHeaderBytes) return corrupt("the record is shorter than its header");
    fb::TransportHeader fields;
    std::memcpy(&fields, bytes.data(), kHeaderBytes);
    if (fields.magic() != kMagic) return corrupt("the record is not of a decklog topic");
    if (fields.body_length() != bytes.size() - kHeaderBytes)
        return corrupt("the record has another length than its header says");
    if (fields.crc32c() != crc_of(bytes)) return corrupt("the record does not match its checksum");
    if (fields.version() != kVersion || !is_known(fields.kind()) || fields.reserved() != 0) {
        return domain::fail(domain::ErrorCode::other_format,
                            "the record is of a kind that this release does not know");
    }
    Record record;
    record.header = {static_cast<RecordKind>(fields.kind()),
                     fields.epoch(),
                     {bytes_of(*fields.nonce())},
                     fields.seq(),
                     fields.first_position(),
                     bytes_of(*fields.prev_head())};
    record.body = bytes.subspan(kHeaderBytes);
    return record;
}

domain::Bytes encode_announcement(const Announcement& announcement) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(fb::CreateAnnouncement(builder, builder.CreateString(announcement.url),
                                          builder.CreateString(announcement.build),
                                          announcement.level, announcement.fills));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

domain::Result<Announcement> decode_announcement(std::span<const std::uint8_t> body) {
    domain::Bytes aligned(body.begin(), body.end());
    flatbuffers::Verifier verifier(aligned.data(), aligned.size());
    if (!verifier.VerifyBuffer<fb::Announcement>(nullptr))
        return corrupt("the announcement does not verify");
    const auto* said = flatbuffers::GetRoot<fb::Announcement>(aligned.data());
    const auto text = [](const flatbuffers::String* string) {
        return string == nullptr ? std::string() : string->str();
    };
    return Announcement{text(said->url()), text(said->build()), said->level(), said->fills()};
}

}  // namespace decklog::store::kafka
