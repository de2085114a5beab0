// What the tests of the edge share: a ledger and a vault in memory behind the real path, a clock to
// turn, deliveries signed as each platform signs them, and what was stored, opened.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/event.hpp"
#include "domain/payload.hpp"
#include "ingest/inbound.hpp"
#include "store/frame/frame.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::ingest::harbour {

inline constexpr std::int64_t kToday = 1'790'000'000'000'000;

class TurnedClock final : public store::Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const override { return now_us_.load(); }
    [[nodiscard]] std::int64_t boot_us() const override { return boot_us_.load(); }
    void set_us(std::int64_t now) { now_us_.store(now); }
    void pass_us(std::int64_t by) {
        now_us_ += by;
        boot_us_ += by;
    }

  private:
    std::atomic<std::int64_t> now_us_{kToday};
    std::atomic<std::int64_t> boot_us_{1'000'000};
};

class Counts final : public InboundObserver {
  public:
    void webhook(Platform platform, std::string_view outcome, std::uint64_t count) override;
    [[nodiscard]] std::uint64_t of(Platform platform, const std::string& outcome) const;
    [[nodiscard]] std::uint64_t of(const std::string& outcome) const;  // all platforms

  private:
    mutable std::mutex mutex_;
    std::map<std::pair<Platform, std::string>, std::uint64_t> counts_;
};

struct Delivery {
    Platform platform{};
    std::string body;
    std::map<std::string, std::string> headers{};
    std::string account = "default";
    std::map<std::string, std::string> query{};
    bool is_get = false;
};

/// The secrets of the accounts in `default_accounts`.
inline constexpr std::string_view kTelegramSecret = "telegram-secret";
inline constexpr std::string_view kWhatsAppSecret = "whatsapp-app-secret";
inline constexpr std::string_view kSlackSecret = "slack-signing-secret";
[[nodiscard]] std::string discord_public_key(unsigned char seed = 7);
[[nodiscard]] std::vector<Account> default_accounts();

/// Signed with those secrets at `now_us`.
[[nodiscard]] Delivery signed_delivery(Platform platform, std::string body, std::int64_t now_us,
                                       const std::string& content_type = "application/json");
[[nodiscard]] std::string hmac_hex(std::string_view key, std::string_view text);

/// One event of the log with its parts decoded.
struct Stored {
    std::string type;
    std::string conversation, stream, actor_type, actor_id, recorded_by, account, correlation_id;
    std::int64_t occurred_at_us = 0;
    std::optional<domain::SubjectId> subject;
    std::optional<domain::RawRef> raw;
    domain::Bytes payload, sealed;
    domain::Position position;

    template <class Table>
    [[nodiscard]] typename Table::NativeTableType payload_as() const {
        auto table = domain::decode_payload<Table>(payload);
        return table ? std::move(*table) : typename Table::NativeTableType{};
    }
};

class Harbour {
  public:
    explicit Harbour(std::vector<Account> accounts = default_accounts(),
                     std::int64_t now_us = kToday);

    /// Starts the path again over another vault.
    void use_vault(std::unique_ptr<store::Vault> other);

    HookAnswer post(const Delivery& delivery);
    /// Signed now.
    HookAnswer post(Platform platform, const std::string& body,
                    const std::string& content_type = "application/json") {
        return post(signed_delivery(platform, body, clock.now_us(), content_type));
    }
    /// What came in by webhook, in the log's order.
    [[nodiscard]] std::vector<Stored> stored() const;
    [[nodiscard]] Stored last() const;
    [[nodiscard]] fb::PersonalT personal(const Stored& event) const;
    [[nodiscard]] std::string native(const Stored& event, const std::string& kind) const;
    [[nodiscard]] std::string raw_body(const Stored& event) const;
    /// All bytes of all frames.
    [[nodiscard]] std::string log_bytes() const;

    TurnedClock clock;
    Counts counts;
    std::unique_ptr<store::Vault> vault;
    std::unique_ptr<store::Ledger> ledger;
    std::unique_ptr<Inbound> inbound;

  private:
    void open_path();
    std::vector<Account> accounts_;
};

}  // namespace decklog::ingest::harbour
