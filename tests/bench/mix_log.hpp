// A ledger that holds the named mix, one event a commit: real frames, chain and kept heads. Only
// the log and its head are written, not the index families, which no fold reads: ten million events
// take a minute this way. A directory that already holds as many is used as it is.
#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>

#include "domain/result.hpp"
#include "store/clock.hpp"
#include "store/frame/frame.hpp"
#include "store/rocks_ledger.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/rocks_rows.hpp"
#include "tests/bench/mix.hpp"

namespace decklog::bench {

class MixLog {
  public:
    /// Writes what is missing; `mix` ends where the log does. False: io, told on stderr.
    [[nodiscard]] static bool write(const std::filesystem::path& root, std::uint64_t events,
                                    Mix& mix) {
        {
            LongAgo clock;  // the ledger is older than what it holds
            store::LedgerOptions options;
            options.clock = &clock;
            const auto created = store::open_rocks_ledger(root, options);
            if (!created) return failed(created.error());
        }
        auto rows = store::RocksRows::open(root / "ledger", nullptr);
        if (!rows) return failed(rows.error());
        MixLog log(**rows);
        return log.append(events, mix);
    }

  private:
    static constexpr std::size_t kEventsABatch = 8192;

    class LongAgo final : public store::Clock {
      public:
        [[nodiscard]] std::int64_t now_us() const override { return Mix::kStartUs - 1; }
        [[nodiscard]] std::int64_t boot_us() const override {
            return store::system_clock().boot_us();
        }
    };

    explicit MixLog(store::RocksRows& rows) : rows_(rows) {}

    static bool failed(const domain::Error& error) {
        std::fprintf(stderr, "the mix cannot be written: %s\n", error.context.c_str());
        return false;
    }

    bool append(std::uint64_t events, Mix& mix) {
        const auto head = rows_.get(store::RowFamily::meta, store::head_key(0));
        const auto identity = rows_.get(store::RowFamily::meta, store::identity_key());
        if (!head || !identity) return failed(!head ? head.error() : identity.error());
        head_ = store::parse_head(head->value()).value();
        ledger_ = store::parse_identity(identity->value())->ledger;
        // The first frame is LedgerCreated; the mix follows it.
        std::uint64_t made = 0;
        for (; made + 1 < head_.next_ordinal && made < events; ++made) (void)mix.next();
        while (made < events) {
            const auto batch = rows_.new_batch();
            for (std::size_t i = 0; i < kEventsABatch && made < events; ++i, ++made)
                put(*batch, mix.now_us(), mix.next());
            batch->put(store::RowFamily::meta, store::head_key(0), store::head_value(head_));
            if (const auto written = rows_.commit(*batch); !written) return failed(written.error());
        }
        return true;
    }

    void put(store::RowBatch& batch, std::int64_t recorded_at_us, const domain::NewEvent& event) {
        const std::uint64_t ordinal = head_.next_ordinal;
        std::array<std::uint8_t, 10> tail{};
        for (std::size_t i = 0; i < 8; ++i) tail[i] = static_cast<std::uint8_t>(ordinal >> (8 * i));
        const store::PlacedEvent placed{&event, domain::make_event_id(recorded_at_us, tail),
                                        ++versions_[event.stream]};
        domain::CommandKey key;
        std::copy(tail.begin(), tail.end(), key.bytes.begin());
        const auto frame =
            store::Frame::encode(ledger_, {0, ordinal}, recorded_at_us, key,
                                 domain::RequestHash{key.bytes}, std::span(&placed, 1));
        batch.put(store::RowFamily::log, store::log_key(frame->first()),
                  {reinterpret_cast<const char*>(frame->bytes().data()), frame->bytes().size()});
        head_ = {ordinal + 1, recorded_at_us, store::chain_step(head_.chain, *frame)};
        if (store::keeps_head(ordinal, ordinal + 1)) {
            batch.put(store::RowFamily::meta, store::kept_head_key(0, ordinal + 1),
                      store::chain_value(head_.chain));
        }
    }

    store::RocksRows& rows_;
    store::Head head_;
    domain::LedgerId ledger_;
    std::unordered_map<std::string, std::uint64_t> versions_;
};

}  // namespace decklog::bench
