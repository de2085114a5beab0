// Keys and small values of the ledger's families, byte by byte. Integers are big-endian so that
// byte order is log order; every key begins with its partition.
//
// clang-format off
//   log           partition 4, first ordinal 8                      -> frame
//   stream        partition 4, hash(workspace, stream) 16, version 8 -> ordinal 8
//   command       partition 4, command key 16                       -> first ordinal 8, request hash 16
//   time          partition 4, occurred_at 8 (sign flipped), ordinal 8
//   type          partition 4, type 4, ordinal 8
//   action, conversation, correlation
//                 partition 4, hash(text) 16, ordinal 8
//   raw           partition 4, day 4, raw id 16                     -> sealed body
//   meta          partition 4, 'h'                  -> next ordinal 8, recorded_at 8, chain head 32
//                 partition 4, 'k', next ordinal 8  -> kept chain head 32
//                 partition 4, 'r'                  -> ReplicaState (cluster: store/kafka/)
//                 partition 4, 'a', nonce 16        -> offset 8 of the announce (cluster)
//                 partition 4, 'f'                  -> disk format 4, ledger id 16
//                 0xFFFFFFFF, 'f'                   -> the same of partition 0
// clang-format on
//
// A hash is 128 bits of BLAKE2b: nobody can make two streams meet on purpose. Pure, any thread.
#pragma once

#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

/// A key under construction, on the stack.
class Key {
  public:
    explicit Key(std::uint32_t partition) { u32(partition); }
    Key& u8(std::uint8_t value);
    Key& u32(std::uint32_t value);
    Key& u64(std::uint64_t value);
    Key& i64(std::int64_t value);  // order-preserving: the sign bit is flipped
    Key& bytes(const domain::Bytes16& value);
    [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
    operator std::string_view() const { return view(); }

  private:
    std::array<char, 40> bytes_{};
    std::size_t size_ = 0;
};

/// All keys that begin with `prefix` and end in an ordinal (or version) of [first, end).
struct KeyRange {
    Key begin;
    Key end;
};
inline constexpr std::uint64_t kOrdinalMax = std::numeric_limits<std::uint64_t>::max();
[[nodiscard]] KeyRange ordinals_under(const Key& prefix, std::uint64_t first = 0,
                                      std::uint64_t end = kOrdinalMax);
/// Everything of one partition.
[[nodiscard]] KeyRange whole_partition(std::uint32_t partition);

[[nodiscard]] domain::Bytes16 stream_hash(std::string_view workspace, std::string_view stream);
[[nodiscard]] domain::Bytes16 text_hash(std::string_view text);

[[nodiscard]] Key log_key(domain::Position first);
[[nodiscard]] Key stream_prefix(std::uint32_t partition, const domain::Bytes16& stream);
[[nodiscard]] Key stream_key(std::uint32_t partition, const domain::Bytes16& stream,
                             std::uint64_t version);
[[nodiscard]] Key command_row_key(std::uint32_t partition, const domain::CommandKey& key);
[[nodiscard]] Key time_key(std::uint32_t partition, std::int64_t occurred_at_us,
                           std::uint64_t ordinal);
[[nodiscard]] Key type_prefix(std::uint32_t partition, std::uint32_t type);
[[nodiscard]] Key text_prefix(std::uint32_t partition, std::string_view text);
[[nodiscard]] Key raw_key(std::uint32_t partition, std::uint32_t day, const domain::RawId& id);
[[nodiscard]] Key head_key(std::uint32_t partition);
[[nodiscard]] Key kept_head_key(std::uint32_t partition, std::uint64_t next_ordinal);
[[nodiscard]] Key replica_key(std::uint32_t partition);
[[nodiscard]] Key announce_key(std::uint32_t partition, const domain::Bytes16& nonce);
[[nodiscard]] Key identity_key(std::uint32_t partition = 0);

/// The last eight bytes of a key or value: an ordinal or a version. nullopt when there are not as
/// many: rows come from a disk.
[[nodiscard]] std::optional<std::uint64_t> trailing_u64(std::string_view bytes);

inline constexpr std::size_t kOrdinalValueBytes = 8;
[[nodiscard]] std::string ordinal_value(std::uint64_t ordinal);
[[nodiscard]] std::optional<std::uint64_t> parse_ordinal(std::string_view value);

struct CommandRow {
    std::uint64_t first_ordinal = 0;
    domain::RequestHash request_hash;
};
[[nodiscard]] std::string command_value(const CommandRow& row);
[[nodiscard]] std::optional<CommandRow> parse_command(std::string_view value);

[[nodiscard]] std::string head_value(const Head& head);
[[nodiscard]] std::optional<Head> parse_head(std::string_view value);

[[nodiscard]] std::string chain_value(const domain::Bytes32& chain);
[[nodiscard]] std::optional<domain::Bytes32> parse_chain(std::string_view value);

inline constexpr std::uint32_t kDiskFormat = 1;
struct Identity {
    std::uint32_t disk_format = kDiskFormat;
    domain::LedgerId ledger;
};
[[nodiscard]] std::string identity_value(const Identity& identity);
[[nodiscard]] std::optional<Identity> parse_identity(std::string_view value);

/// Is the chain head after a frame that covers [first, next) kept? Where a multiple of 65,536 was
/// crossed.
inline constexpr std::uint64_t kKeptHeadEvery = 65'536;
[[nodiscard]] constexpr bool keeps_head(std::uint64_t first, std::uint64_t next) {
    return first / kKeptHeadEvery != next / kKeptHeadEvery;
}

}  // namespace decklog::store
