#include "store/frame/frame.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <type_traits>

#include "domain/check.hpp"
#include "domain/limits.hpp"
#include "store/frame/commit_encoder.hpp"
#include "store/frame/frame_header.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr flatbuffers::uoffset_t kVerifierDepthMax = 4;  // Commit, Event, RawRef, and one to spare
constexpr std::uint32_t kEventCountMax =
    65'536;  // more do not fit into a commit of the largest size

constexpr std::size_t padded(std::size_t size) { return (size + kWord - 1) / kWord * kWord; }

const fb::Commit* commit_of(const Frame& frame) {
    return flatbuffers::GetRoot<fb::Commit>(frame.body_bytes().data());
}

template <class Id>
Id id_from(const fb::Key16* key) {
    Id id;
    if (key != nullptr) std::memcpy(id.bytes.data(), key, id.bytes.size());
    return id;
}

domain::Result<void> verify_body(const Frame& frame) {
    const FrameHeader& header = frame.header();
    if (header.event_count == 0 || header.event_count > kEventCountMax) {
        return domain::fail(domain::ErrorCode::corrupt, "frame: event_count out of bounds");
    }
    const flatbuffers::uoffset_t tables_max = 1 + 2 * header.event_count;
    flatbuffers::Verifier verifier(frame.body_bytes().data(), frame.body_bytes().size(),
                                   kVerifierDepthMax, tables_max);
    if (!verifier.VerifyBuffer<fb::Commit>(nullptr)) {
        return domain::fail(domain::ErrorCode::corrupt, "frame: the body is no valid commit");
    }
    if (commit_of(frame)->events()->size() != header.event_count) {
        return domain::fail(domain::ErrorCode::corrupt, "frame: event_count differs from the body");
    }
    return {};
}

}  // namespace

std::shared_ptr<Frame> Frame::with_room(std::size_t size, FrameSlab* slab) {
    static_assert(std::is_trivially_destructible_v<Frame> && alignof(Frame) <= kWord);
    constexpr std::size_t kFrameWords = (sizeof(Frame) + kWord - 1) / kWord;
    const std::size_t words = kFrameWords + size / kWord;
    auto storage = slab != nullptr ? slab->take(words) : FrameSlab::alone(words);
    auto* const frame = new (storage.get()) Frame();
    frame->bytes_ = {reinterpret_cast<std::uint8_t*>(storage.get() + kFrameWords), size};
    return {std::move(storage), frame};
}

FramePtr Frame::encode(const domain::LedgerId& ledger, domain::Position first,
                       std::int64_t recorded_at_us, const std::optional<domain::CommandKey>& key,
                       const domain::RequestHash& request_hash,
                       std::span<const PlacedEvent> events) {
    DECKLOG_CHECK(!events.empty());
    thread_local CommitEncoder encoder;
    const std::span<const std::uint8_t> body = encoder.encode(key, request_hash, events);

    auto frame = with_room(kHeaderBytes + padded(body.size()), nullptr);
    std::uint8_t* const bytes = frame->bytes_.data();
    std::memcpy(bytes + kHeaderBytes, body.data(), body.size());
    const auto padding = frame->bytes_.subspan(kHeaderBytes + body.size());
    std::fill(padding.begin(), padding.end(), std::uint8_t{0});

    FrameHeader& header = frame->header_;
    header.body_length = static_cast<std::uint32_t>(padded(body.size()));
    header.partition = first.partition;
    header.event_count = static_cast<std::uint32_t>(events.size());
    header.first_position = first.ordinal;
    header.recorded_at_us = recorded_at_us;
    header.ledger = ledger_prefix(ledger);
    const std::span<std::uint8_t, kHeaderBytes> header_span(bytes, kHeaderBytes);
    write_header(header, header_span);
    header.crc32c = frame_crc(header_span, frame->body_bytes());
    write_header(header, header_span);
    return frame;
}

domain::Result<FramePtr> Frame::decode(std::span<const std::uint8_t> bytes, FrameSlab* slab) {
    if (bytes.size() < kHeaderBytes)
        return domain::fail(domain::ErrorCode::corrupt, "frame: shorter than its header");
    const FrameHeader header = read_header(bytes.first<kHeaderBytes>());
    if (bytes.size() != kHeaderBytes + header.body_length || bytes.size() % kWord != 0) {
        return domain::fail(domain::ErrorCode::corrupt, "frame: length differs from its header");
    }
    // Verified and read where it will stay: FlatBuffers checks alignment only relative to the
    // buffer.
    auto frame = with_room(bytes.size(), slab);
    frame->header_ = header;
    std::memcpy(frame->bytes_.data(), bytes.data(), bytes.size());
    const auto header_span = frame->bytes().first<kHeaderBytes>();
    std::uint32_t magic = 0;
    std::memcpy(&magic, header_span.data(), sizeof magic);
    if (magic != kFrameMagic)
        return domain::fail(domain::ErrorCode::corrupt, "frame: no frame (magic)");
    if (frame_crc(header_span, frame->body_bytes()) != frame->header_.crc32c) {
        return domain::fail(domain::ErrorCode::corrupt, "frame: checksum differs");
    }
    if (auto known = must_understand(header_span); !known)
        return tl::unexpected(std::move(known).error());
    if (auto body = verify_body(*frame); !body) return tl::unexpected(std::move(body).error());
    return FramePtr(std::move(frame));
}

domain::EventView Frame::event(std::size_t index) const {
    DECKLOG_CHECK(index < header_.event_count);
    return {commit_of(*this)->events()->Get(static_cast<flatbuffers::uoffset_t>(index)),
            {header_.partition, header_.first_position + index},
            header_.recorded_at_us};
}

std::optional<domain::CommandKey> Frame::command_key() const {
    const fb::Key16* key = commit_of(*this)->command_key();
    if (key == nullptr) return std::nullopt;
    return id_from<domain::CommandKey>(key);
}

domain::RequestHash Frame::request_hash() const {
    return id_from<domain::RequestHash>(commit_of(*this)->request_hash());
}

}  // namespace decklog::store
