// Every bound of the HTTP edge in one place (contract, "Limits"). Deadlines are values of
// ServerOptions, so that a test can shorten them; these are their defaults.
#pragma once

#include <chrono>
#include <cstddef>

namespace decklog::api::limits {

inline constexpr std::size_t kHeaderBytesMax = 16 * 1024;
inline constexpr std::size_t kTargetBytesMax = 8 * 1024;
inline constexpr std::size_t kHookBodyBytesMax = 4 * 1024 * 1024;
inline constexpr std::size_t kApiBodyBytesMax = 8 * 1024 * 1024;
inline constexpr std::size_t kBatchItemsMax = 10'000;

inline constexpr std::size_t kNdjsonLineBytesMax = 256 * 1024;
inline constexpr std::size_t kNdjsonGroupLines = 1'000;
inline constexpr std::size_t kNdjsonGroupBytes =
    8 * 1024 * 1024;  // a group of long lines ends earlier

inline constexpr std::size_t kConnectionsMax = 1'024;
inline constexpr std::size_t kStreamsMax = 64;             // of these
inline constexpr int kStreamSendBufferBytes = 256 * 1024;  // in the kernel, for each of these
inline constexpr std::size_t kBodyBytesInFlightMax =
    256 * 1024 * 1024;  // all bodies being read, together

inline constexpr std::chrono::seconds kHeaderDeadline{10};
inline constexpr std::chrono::seconds kBodyDeadline{30};        // NDJSON: without a byte
inline constexpr std::chrono::seconds kKeepAliveDeadline{75};   // between two requests
inline constexpr std::chrono::seconds kWriteDeadline{30};       // without the client taking a byte
inline constexpr std::chrono::seconds kFinishDeadline{20};      // in-flight work after draining
inline constexpr std::chrono::milliseconds kForwardPause{100};  // between two looks for an owner
inline constexpr std::chrono::milliseconds kForwardDeadline{
    12'000};                                                      // the owner's patience, and more
inline constexpr std::chrono::milliseconds kPeerDeadline{2'000};  // what a node says of itself
inline constexpr std::size_t kForwardedBodyBytesMax = 8U << 20U;  // of NDJSON too
inline constexpr std::chrono::seconds kClusterStartWait{120};     // for a first owner, and its log
inline constexpr std::chrono::seconds kLockWait{30};  // a rolling update's second server

}  // namespace decklog::api::limits
