// Limits of the store's loops, queues, batches and caches. Limits of the log itself are in
// domain/limits.hpp.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace decklog::store::limits {

inline constexpr std::size_t kTurnFrameBytesMax =
    16U << 20U;  // frames of one fsync; a call is never cut
inline constexpr std::size_t kStreamHeadsMax =
    1U << 16U;  // stream heads kept in memory, each of two generations
inline constexpr std::chrono::milliseconds kIdleTurn{
    500};  // the writer looks around this often when idle
inline constexpr std::int64_t kDiskProbeEveryMicros = 1'000'000;
inline constexpr std::uint64_t kDiskReserveParts =
    16;  // of what must be free: all but one may be used by what frees or protects
inline constexpr std::int64_t kRawSweepEveryMicros =
    3'600'000'000;  // raw bodies past raw_days are looked for
inline constexpr std::size_t kPurgeRangesMax =
    64;  // more raw bodies than this are purged by rewriting the family
inline constexpr std::chrono::seconds kPurgePatience{60};  // for snapshots and copies in progress
inline constexpr std::chrono::milliseconds kErasureHoldPatience{
    5'000};  // for those at work for a subject
inline constexpr int kErasureCatchUpRoundsMax =
    16;  // looks at what came meanwhile before anybody is held
inline constexpr std::uint64_t kErasureHeldSearchEvents = 256;  // few enough to read under the hold
inline constexpr std::uint64_t kErasureLateEventsMax =
    16'384;  // committed between the last look of an erasure and its SubjectErased
inline constexpr std::size_t kStrangersMax =
    1U << 16U;  // ids in raw bodies that an erasure remembers as nobody's it seeks
inline constexpr std::size_t kRandomPoolBytes = 4'000;       // one system call for 400 event ids
inline constexpr std::size_t kImportBatchBytes = 8U << 20U;  // rows of one fsync of an import
inline constexpr std::size_t kImportGroupsAhead = 2;         // read while earlier ones are taken
inline constexpr std::size_t kScanReadaheadBytes = 2U << 20U;
inline constexpr std::size_t kVerifyChunkFrames = 1'024;  // checked by one thread at a time
inline constexpr std::size_t kVerifyChunkBytes = 1U << 20U;
inline constexpr std::size_t kVerifyChunksAhead = 4;  // checked at once

inline constexpr std::size_t kRecordsInFlightMax = 8'192;  // decided and not yet applied (cluster)
inline constexpr std::chrono::milliseconds kAnnounceEvery{250};  // at most, of one node (cluster)
inline constexpr std::chrono::seconds kProducePatience{5};       // then the producer is thrown away
inline constexpr std::size_t kFetchRecordsMax = 4'096;           // of one batch of rows (cluster)
inline constexpr std::size_t kFetchBytesMax = 8U << 20U;
inline constexpr std::chrono::seconds kDoubtPause{1};      // between two looks at a topic in doubt
inline constexpr std::chrono::seconds kDoubtPatience{60};  // for a leader that is none any more
inline constexpr std::size_t kBulkRecords = 65'536;        // of a node far behind: a batch of files
inline constexpr std::size_t kBulkBytes = 64U << 20U;
inline constexpr std::chrono::milliseconds kClusterTurn{100};    // at least, whatever rings
inline constexpr std::chrono::microseconds kClusterGather{100};  // once something rang
inline constexpr std::size_t kClusterGatherFrom = 8;             // commits on their way
inline constexpr std::int64_t kJoinLagMax =
    1'000;  // records behind, above which nobody asks to own
inline constexpr std::chrono::seconds kLogPatience{10};  // for the log to say what became of a call
inline constexpr std::chrono::seconds kVaultPatience{
    5};  // for the vault's topic; the io thread may be who waits
inline constexpr std::chrono::seconds kVaultStartPatience{
    20};  // without a single record of the vault, before its end
inline constexpr std::chrono::hours kVaultKeptAtMost{24};  // an erased row in the topic
inline constexpr std::chrono::hours kVaultErasedKept{
    14 * 24};  // in the topic, the word that a row was erased
inline constexpr std::chrono::hours kVaultReadAgain{
    7 * 24};  // a node that was away longer may have missed such a word
inline constexpr std::chrono::hours kVaultSeenEvery{1};  // that it was not away is noted

}  // namespace decklog::store::limits
