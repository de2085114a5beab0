// One partition of a topic and the producers that write to it, as the worst broker and network
// would have it: a record lands late, twice or never; a producer that was thrown away may still
// land what it had; the tail may be cut. What has landed is visible to all (replication is the
// broker's part and is tried on real ones).
#pragma once

#include <cstdint>
#include <deque>
#include <random>
#include <vector>

#include "store/kafka/owner.hpp"

namespace decklog::sim {

using Rng = std::mt19937_64;

[[nodiscard]] inline std::uint64_t below(Rng& rng, std::uint64_t bound) { return rng() % bound; }
[[nodiscard]] inline bool one_in(Rng& rng, std::uint64_t many) { return below(rng, many) == 0; }

struct Sent {
    std::uint64_t tag = 0;
    domain::Bytes record;
};

class Topic {
  public:
    [[nodiscard]] std::int64_t end() const { return static_cast<std::int64_t>(records_.size()); }
    [[nodiscard]] const domain::Bytes& at(std::int64_t offset) const {
        return records_[static_cast<std::size_t>(offset)];
    }
    void land(domain::Bytes record) { records_.push_back(std::move(record)); }
    void cut(std::int64_t new_end) { records_.resize(static_cast<std::size_t>(new_end)); }

    /// Records of producers that are gone and may still land.
    std::deque<domain::Bytes> ghosts;

  private:
    std::vector<domain::Bytes> records_;
};

/// What the owner sends; the scheduler decides what becomes of it.
class SimProducer final : public store::kafka::Producer {
  public:
    SimProducer(Topic& topic, Rng& rng) : topic_(topic), rng_(rng) {}

    void restart(std::uint64_t generation) override {
        leave_ghosts();
        generation_ = generation;
    }
    void send(std::uint64_t tag, domain::Bytes record) override {
        sent_.push_back({tag, std::move(record)});
    }

    /// Bodies have a topic of their own; what is between the two is the real producer's.
    void send_raw(const domain::RawRef& ref, std::shared_ptr<const store::RawBody> body) override {
        raw.push_back({sent_.size(), ref, body != nullptr});
    }

    struct Report {
        std::uint64_t generation, tag;
        bool landed;
    };
    /// The next record lands, and is reported so, unless the report is lost.
    void land_next(bool report_lost, bool twice) {
        if (sent_.empty()) return;
        const Sent next = take();
        topic_.land(next.record);
        if (twice) topic_.ghosts.push_back(next.record);
        reports.push_back({generation_, next.tag, !report_lost});
    }
    /// The next record is lost; those behind it may land.
    void lose_next() {
        if (sent_.empty()) return;
        reports.push_back({generation_, take().tag, false});
    }
    void leave_ghosts() {
        for (Sent& sent : sent_) {
            if (!one_in(rng_, 3)) topic_.ghosts.push_back(std::move(sent.record));
        }
        sent_.clear();
        reports.clear();
    }
    [[nodiscard]] bool is_idle() const { return sent_.empty() && reports.empty(); }

    std::deque<Report> reports;  // made and not yet given to the owner
    struct Raw {
        std::size_t records_before = 0;  // that were sent and have not landed
        domain::RawRef ref;
        bool is_kept = false;
    };
    std::vector<Raw> raw;

  private:
    [[nodiscard]] Sent take() {
        Sent next = std::move(sent_.front());
        sent_.pop_front();
        return next;
    }
    Topic& topic_;
    Rng& rng_;
    std::uint64_t generation_ = 0;
    std::deque<Sent> sent_;
};

}  // namespace decklog::sim
