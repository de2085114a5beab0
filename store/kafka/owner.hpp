// The writer of a partition whose log is a Kafka topic. It announces itself; from the offset at
// which it consumes that announce it decides commands on an overlay that runs ahead of the log,
// sends each commit as a record, and answers when it has applied its own record and the producer
// has reported it delivered. Refusals, repeats and no-ops wait for a record of the same epoch that
// was produced after the decision: a commit, or one barrier for all that wait (design §7).
//
// After any produce error, a gap, or somebody else's announce, the epoch is over. Once the next
// announce is consumed every pending command is either applied, and is answered, or certainly dead,
// and is decided again: callers see delay, not errors.
//
// No thread, no broker, no clock of its own: whoever drives it hands in records, reports and times.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "store/kafka/replica.hpp"
#include "store/limits.hpp"
#include "store/writer/admission.hpp"
#include "store/writer/appender.hpp"
#include "store/writer/call_queue.hpp"

namespace decklog::store::kafka {

/// The way of records to the topic's partition.
class Producer {
  public:
    virtual ~Producer() = default;
    /// Throws away what there was; what that has not delivered may land or not. Reports of earlier
    /// generations mean nothing any more.
    virtual void restart(std::uint64_t generation) = 0;
    /// Records land in the order of their sending, or not at all. Reported to Owner::delivered, not
    /// from inside this call.
    virtual void send(std::uint64_t tag, domain::Bytes record) = 0;
    /// A raw body goes to its place, or (null) one that is there is erased. No record that is sent
    /// after this lands before it has; when it cannot, the next one of them is reported lost.
    virtual void send_raw(const domain::RawRef& ref, std::shared_ptr<const RawBody> body) = 0;
};

struct OwnerOptions {
    Announcement self{};
    std::uint32_t new_log_level = 0;  // what an empty topic's log begins with
    /// What the ledger is called, where another partition gave it its name: this one begins under
    /// the same, and waits while there is none. Empty: it gives the name itself.
    std::function<std::optional<domain::LedgerId>()> ledger{};
    /// The level of the ledger, where another partition says it; empty: this one does.
    std::function<std::uint32_t()> level{};
    Clock* clock = nullptr;    // null: system_clock()
    Random* random = nullptr;  // null: system_random()
};

class Owner {
  public:
    using Time = std::chrono::steady_clock::time_point;

    /// All outlive the owner. `rows` are those of the replica.
    Owner(const Replica& replica, const RowReader& rows, const Admission& admission,
          Producer& producer, OwnerOptions options);

    /// The group gave this node the partition, or took it away. One that comes back keeps its
    /// epoch, unless somebody announced meanwhile.
    void own();
    void disown();
    [[nodiscard]] bool is_owned() const { return owned_; }
    /// May decide now.
    [[nodiscard]] bool is_live() const;

    /// The replica has applied these.
    void applied(std::span<const Step> steps);
    /// The producer's report on the record with this tag.
    void delivered(std::uint64_t generation, std::uint64_t tag, bool landed);
    /// Announces when it has to; tells those who have waited too long that the outcome is unknown.
    void tick(Time now);
    /// Takes calls from the front as far as the window allows. Calls that wait for a lost epoch go
    /// first.
    void decide(std::deque<Call>& calls);
    /// Nothing will be applied any more: the replica stopped, or the process ends.
    void abandon(Refused why);

    /// So many commits are on their way that waiting for a few more of them is worth it.
    [[nodiscard]] bool is_busy() const {
        return overlay_ && overlay_->frames().size() >= limits::kClusterGatherFrom;
    }
    /// What of the epoch was decided right behind this end of the log and has not been applied.
    [[nodiscard]] std::optional<Made> made_behind(const Head& before) const {
        return overlay_ ? overlay_->made_behind(before) : std::nullopt;
    }
    [[nodiscard]] std::size_t waiting() const;  // calls that were taken and not answered
    /// An index could not be read while deciding; nothing is decided any more.
    [[nodiscard]] const std::optional<domain::Error>& failure() const { return failure_; }

  private:
    struct Item {
        std::optional<Answer> answer;
        std::optional<std::uint64_t> seq;  // of its own record
    };
    struct Waiting {
        Call call;
        std::vector<Item> items;  // one a submission
    };
    /// What was decided and sent together.
    struct Turn {
        std::vector<Waiting> calls;
        std::uint64_t end_seq = 0;
        std::size_t undelivered = 0;
    };
    /// One epoch of this node's.
    struct Spell {
        std::int64_t epoch = kNoEpoch;
        Nonce nonce{};
        std::uint64_t next_seq = 0;     // to send
        std::uint64_t applied_seq = 0;  // all before it are applied
        bool is_over = false;           // nothing is decided or released in it any more
    };

    [[nodiscard]] bool is_mine(const Step& step) const;
    void on_announced(const Step& step);
    void end_spell();
    void resolve();
    void settle(Turn turn);
    void release();
    static void answer(Waiting& waiting);
    static void refuse(Waiting& waiting, Refused why);
    static void leave_unknown(Waiting& waiting);
    void announce();

    [[nodiscard]] domain::Result<void> prepare();
    [[nodiscard]] bool has_room() const;
    [[nodiscard]] std::optional<Waiting> next(std::deque<Call>& calls);
    [[nodiscard]] domain::Result<void> decide(Waiting& waiting);
    [[nodiscard]] bool create_ledger();
    void queue_frame(const domain::Bytes32& prev_head);
    void send_raw(std::shared_ptr<const RawBody>& last);
    void send_barrier();
    void send(const RecordHeader& header, std::span<const std::uint8_t> body);

    const Replica& replica_;
    const RowReader& rows_;
    const Admission& admission_;
    Producer& producer_;
    const OwnerOptions options_;
    Clock& clock_;
    Random& random_;

    bool owned_ = false;
    bool must_announce_ = false;
    std::optional<Time> announced_at_;
    std::uint64_t generation_ = 0;
    std::optional<Nonce> announcing_;  // sent, not consumed
    std::optional<Spell> spell_;
    std::optional<Overlay> overlay_;  // of the spell; made when it first decides
    std::optional<Appender> appender_;
    std::deque<Turn> turns_;
    std::deque<Waiting> again_;  // of a lost epoch, in order
    std::optional<domain::Error> failure_;
};

}  // namespace decklog::store::kafka
