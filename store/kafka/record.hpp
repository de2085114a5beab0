// One record of a partition's Kafka topic: a transport header {kind, epoch, nonce, seq,
// first_position, prev_head} and the frame, unchanged (design §7). Layout: transport.fbs. Pure, any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::store::kafka {

/// Names one announce; random, so that a record that lands twice is known.
using Nonce = domain::Id16<struct NonceTag>;

enum class RecordKind : std::uint8_t { announce = 1, commit = 2, barrier = 3 };

inline constexpr std::int64_t kNoEpoch = -1;

struct RecordHeader {
    RecordKind kind = RecordKind::announce;
    std::int64_t epoch = kNoEpoch;     // offset of the announce as its writer consumed it
    Nonce nonce{};                     // of that announce; in an announce its own
    std::uint64_t seq = 0;             // dense from 0 within the epoch
    std::uint64_t first_position = 0;  // next ordinal of the writer's log when it made the record
    domain::Bytes32 prev_head{};       // chain head of the writer's log there
};

/// What a writer says of itself when it takes a partition over.
struct Announcement {
    std::string url;  // where it takes forwarded requests; may be empty
    std::string build;
    std::uint32_t level = 0;  // the highest level of the log that it knows
    bool fills = false;       // brings a ledger from elsewhere: nobody owns the log meanwhile
};

struct Record {
    RecordHeader header;
    std::span<const std::uint8_t> body;  // within the decoded bytes
};

/// A record as the topic gave it.
struct Fetched {
    std::int64_t offset = 0;
    domain::Bytes bytes{};
    domain::Bytes key{};  // of topics that have keys
};

[[nodiscard]] domain::Bytes encode_record(const RecordHeader& header,
                                          std::span<const std::uint8_t> body = {});
/// Checks length, CRC, version and kind. Errors: corrupt; other_format (a newer release's record).
[[nodiscard]] domain::Result<Record> decode_record(std::span<const std::uint8_t> bytes);

[[nodiscard]] domain::Bytes encode_announcement(const Announcement& announcement);
[[nodiscard]] domain::Result<Announcement> decode_announcement(std::span<const std::uint8_t> body);

}  // namespace decklog::store::kafka
