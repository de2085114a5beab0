// The rows of the platforms view and what stands in them; the only file that knows their bytes.
//
//   a platform account           when something was last seen of it         Activity
//   e platform account minute    errors of that minute                      count
//   p account id                 the account and its policy                 AccountRow
//   w worker                     its last report                            WorkerRow
//
// `account` is the envelope's, empty where events name none. Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/account/account.hpp"
#include "domain/worker/worker.hpp"

namespace decklog::projections::platforms {

inline constexpr char kActivity = 'a';
inline constexpr char kErrors = 'e';
inline constexpr char kAccount = 'p';
inline constexpr char kWorker = 'w';

inline constexpr std::int64_t kMinuteUs = 60'000'000;

/// Times of what happened last, by occurred_at; 0: never.
struct Activity {
    std::int64_t any_us = 0;
    std::uint64_t any_ordinal = 0;  // the event of any_us
    std::int64_t ingest_us = 0;     // a message came in
    std::int64_t send_us = 0;       // a message was sent
    std::int64_t error_us = 0;
    bool operator==(const Activity&) const = default;
};

struct AccountRow {
    domain::PlatformAccount::State state;
    std::uint64_t switched_ordinal = 0;  // of the event that switched it on or off, or made it
};

struct WorkerRow {
    domain::WorkerReport report;
    std::int64_t at_us = 0;     // occurred
    std::uint64_t ordinal = 0;  // of the event: its sealed part holds the error
};

/// Two parts as one key that sorts by the first, then the second.
[[nodiscard]] std::string place_key(std::string_view platform, std::string_view account);
struct Place {
    std::string platform;
    std::string account;
};
/// Of a key made of a tag and a place.
[[nodiscard]] Place place_in(std::string_view key);

[[nodiscard]] std::string errors_key(std::string_view place, std::int64_t minute);
[[nodiscard]] std::int64_t minute_in(std::string_view errors_key);
[[nodiscard]] std::int64_t minute_of(std::int64_t time_us);

[[nodiscard]] std::string to_bytes(const Activity& activity);
[[nodiscard]] Activity activity_in(std::string_view row);
[[nodiscard]] std::string count_bytes(std::uint64_t count);
[[nodiscard]] std::uint64_t count_in(std::string_view row);
[[nodiscard]] std::string to_bytes(const AccountRow& account);
[[nodiscard]] AccountRow account_in(std::string_view row);
[[nodiscard]] std::string to_bytes(const WorkerRow& worker);
/// `name`: from the key.
[[nodiscard]] WorkerRow worker_in(std::string_view name, std::string_view row);

}  // namespace decklog::projections::platforms
