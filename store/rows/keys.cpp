#include "store/rows/keys.hpp"

#include <algorithm>

#include "domain/check.hpp"
#include "domain/limits.hpp"
#include "store/rows/recent_hashes.hpp"

namespace decklog::store {
namespace {

constexpr std::uint32_t kNoPartition = 0xFFFFFFFF;
constexpr std::uint64_t kSignBit = 1ULL << 63U;

template <class Integer>
void put_big_endian(char* to, Integer value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
        to[i] = static_cast<char>((value >> (8U * (sizeof value - 1 - i))) & 0xFFU);
    }
}

template <class Integer>
Integer get_big_endian(const char* from) {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
        value = (value << 8U) | static_cast<unsigned char>(from[i]);
    return value;
}

domain::Bytes16 hash_of(std::string_view text) {
    thread_local RecentHashes recent;
    return recent.of(text);
}

template <class Array>
Array array_at(std::string_view bytes, std::size_t at) {
    Array array{};
    std::memcpy(array.data(), bytes.data() + at, array.size());
    return array;
}

template <class Array>
void append(std::string& to, const Array& bytes) {
    to.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

template <class Integer>
void append_big_endian(std::string& to, Integer value) {
    char bytes[sizeof value];
    put_big_endian(bytes, value);
    to.append(bytes, sizeof bytes);
}

}  // namespace

Key& Key::u8(std::uint8_t value) {
    DECKLOG_CHECK(size_ < bytes_.size());
    bytes_[size_++] = static_cast<char>(value);
    return *this;
}

Key& Key::u32(std::uint32_t value) {
    DECKLOG_CHECK(size_ + sizeof value <= bytes_.size());
    put_big_endian(bytes_.data() + size_, value);
    size_ += sizeof value;
    return *this;
}

Key& Key::u64(std::uint64_t value) {
    DECKLOG_CHECK(size_ + sizeof value <= bytes_.size());
    put_big_endian(bytes_.data() + size_, value);
    size_ += sizeof value;
    return *this;
}

Key& Key::i64(std::int64_t value) { return u64(static_cast<std::uint64_t>(value) ^ kSignBit); }

Key& Key::bytes(const domain::Bytes16& value) {
    DECKLOG_CHECK(size_ + value.size() <= bytes_.size());
    std::memcpy(bytes_.data() + size_, value.data(), value.size());
    size_ += value.size();
    return *this;
}

KeyRange ordinals_under(const Key& prefix, std::uint64_t first, std::uint64_t end) {
    KeyRange range{prefix, prefix};
    range.begin.u64(first);
    range.end.u64(end);
    return range;
}

KeyRange whole_partition(std::uint32_t partition) { return {Key(partition), Key(partition + 1)}; }

domain::Bytes16 stream_hash(std::string_view workspace, std::string_view stream) {
    // A workspace has no zero byte, so the pair cannot be cut in two ways.
    std::array<char, domain::limits::kWorkspaceBytesMax + 1 + domain::limits::kStreamNameBytesMax>
        joined{};
    if (workspace.size() + 1 + stream.size() <= joined.size()) {
        std::copy(workspace.begin(), workspace.end(), joined.begin());
        std::copy(stream.begin(), stream.end(), joined.data() + workspace.size() + 1);
        return hash_of({joined.data(), workspace.size() + 1 + stream.size()});
    }
    return hash_of(std::string(workspace) + '\0' + std::string(stream));
}

domain::Bytes16 text_hash(std::string_view text) { return hash_of(text); }

Key log_key(domain::Position first) { return Key(first.partition).u64(first.ordinal); }

Key stream_prefix(std::uint32_t partition, const domain::Bytes16& stream) {
    return Key(partition).bytes(stream);
}

Key stream_key(std::uint32_t partition, const domain::Bytes16& stream, std::uint64_t version) {
    return Key(partition).bytes(stream).u64(version);
}

Key command_row_key(std::uint32_t partition, const domain::CommandKey& key) {
    return Key(partition).bytes(key.bytes);
}

Key time_key(std::uint32_t partition, std::int64_t occurred_at_us, std::uint64_t ordinal) {
    return Key(partition).i64(occurred_at_us).u64(ordinal);
}

Key type_prefix(std::uint32_t partition, std::uint32_t type) { return Key(partition).u32(type); }

Key text_prefix(std::uint32_t partition, std::string_view text) {
    return Key(partition).bytes(text_hash(text));
}

Key raw_key(std::uint32_t partition, std::uint32_t day, const domain::RawId& id) {
    return Key(partition).u32(day).bytes(id.bytes);
}

Key head_key(std::uint32_t partition) { return Key(partition).u8('h'); }

Key kept_head_key(std::uint32_t partition, std::uint64_t next_ordinal) {
    return Key(partition).u8('k').u64(next_ordinal);
}

Key replica_key(std::uint32_t partition) { return Key(partition).u8('r'); }

Key announce_key(std::uint32_t partition, const domain::Bytes16& nonce) {
    return Key(partition).u8('a').bytes(nonce);
}

Key identity_key(std::uint32_t partition) {
    return Key(partition == 0 ? kNoPartition : partition).u8('f');
}

std::optional<std::uint64_t> trailing_u64(std::string_view bytes) {
    if (bytes.size() < sizeof(std::uint64_t)) return std::nullopt;
    return get_big_endian<std::uint64_t>(bytes.data() + bytes.size() - sizeof(std::uint64_t));
}

std::string ordinal_value(std::uint64_t ordinal) {
    std::string value;
    append_big_endian(value, ordinal);
    return value;
}

std::optional<std::uint64_t> parse_ordinal(std::string_view value) {
    if (value.size() != kOrdinalValueBytes) return std::nullopt;
    return trailing_u64(value);
}

std::string command_value(const CommandRow& row) {
    std::string value;
    append_big_endian(value, row.first_ordinal);
    append(value, row.request_hash.bytes);
    return value;
}

std::optional<CommandRow> parse_command(std::string_view value) {
    if (value.size() != 24) return std::nullopt;
    return CommandRow{get_big_endian<std::uint64_t>(value.data()),
                      domain::RequestHash{array_at<domain::Bytes16>(value, 8)}};
}

std::string head_value(const Head& head) {
    std::string value;
    append_big_endian(value, head.next_ordinal);
    append_big_endian(value, static_cast<std::uint64_t>(head.recorded_at_us));
    append(value, head.chain);
    return value;
}

std::optional<Head> parse_head(std::string_view value) {
    if (value.size() != 48) return std::nullopt;
    return Head{get_big_endian<std::uint64_t>(value.data()),
                static_cast<std::int64_t>(get_big_endian<std::uint64_t>(value.data() + 8)),
                array_at<domain::Bytes32>(value, 16)};
}

std::string chain_value(const domain::Bytes32& chain) {
    std::string value;
    append(value, chain);
    return value;
}

std::optional<domain::Bytes32> parse_chain(std::string_view value) {
    if (value.size() != domain::Bytes32{}.size()) return std::nullopt;
    return array_at<domain::Bytes32>(value, 0);
}

std::string identity_value(const Identity& identity) {
    std::string value;
    append_big_endian(value, identity.disk_format);
    append(value, identity.ledger.bytes);
    return value;
}

std::optional<Identity> parse_identity(std::string_view value) {
    if (value.size() != 20) return std::nullopt;
    return Identity{get_big_endian<std::uint32_t>(value.data()),
                    domain::LedgerId{array_at<domain::Bytes16>(value, 4)}};
}

}  // namespace decklog::store
