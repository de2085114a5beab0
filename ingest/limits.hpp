// Every bound of the inbound edge in one place (contract, "Limits").
#pragma once

#include <cstddef>
#include <cstdint>

namespace decklog::ingest::limits {

/// How far a signed timestamp may be from the clock, either way (Discord, Slack).
inline constexpr std::int64_t kSignatureAgeUsMax = 300LL * 1'000'000;
/// Items of one body; a body with more is stored whole as one `unrecognised`.
inline constexpr std::size_t kItemsPerBodyMax = 10'000;
/// Formatted stretches of one text, and files of one message; more are left to the raw body.
inline constexpr std::size_t kSpansMax = 1'000;
inline constexpr std::size_t kAttachmentsMax = 100;
/// The challenge of WhatsApp's handshake and of Slack's url_verification.
inline constexpr std::size_t kChallengeBytesMax = 256;
/// Words from outside that stand in the clear (update kinds, event types).
inline constexpr std::size_t kWordBytesMax = 64;
/// A call to an endpoint that is off is logged at most this often.
inline constexpr std::int64_t kOffLogIntervalUs = 3'600LL * 1'000'000;
/// A platform's time further ahead than this is not believed.
inline constexpr std::int64_t kAheadUsMax = 300LL * 1'000'000;
/// Of an answer in words, as written. Discord takes 2,000 characters, which no text of so many
/// bytes has more of; Slack cuts far behind this, but nobody reads more.
inline constexpr std::size_t kDiscordTextBytesMax = 1'990;
inline constexpr std::size_t kSlackTextBytesMax = 2'900;
inline constexpr int kRetryAfterSeconds = 2;

}  // namespace decklog::ingest::limits
