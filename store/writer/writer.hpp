// The one writer of a partition. Its thread drains the queue, lets the appender decide every call
// on the overlay, writes one batch with one fsync, and only then tells listeners and releases the
// answers: acceptances, refusals, repeats and no-ops alike, since all were computed from state that
// was not yet durable.
//
// Fail-stop: after an error of the storage nothing is written again in this process. Whether the
// batch is on disk is not known, so every waiter, and everyone after, is told outcome_unknown; a
// restart finds out.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

#include "store/directory/head_file.hpp"
#include "store/writer/admission.hpp"
#include "store/writer/appender.hpp"
#include "store/writer/call_queue.hpp"
#include "store/writer/listeners.hpp"
#include "store/writer/partition_writer.hpp"

namespace decklog::store {

struct WriterStart {
    std::uint32_t partition = 0;
    domain::LedgerId ledger;
    Head head;  // as recovered
    LogState log;
};

class Writer final : public PartitionWriter {
  public:
    /// `rows` outlives the writer. Starts the thread.
    Writer(RowStore& rows, const WriterStart& start, const LedgerOptions& options,
           HeadNote note_head);
    ~Writer() override;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void submit(std::vector<Submission> submissions, Completion done) override;
    [[nodiscard]] Head head() const override;
    [[nodiscard]] domain::LedgerId ledger_id() const override;
    [[nodiscard]] WriterState state() const override;
    [[nodiscard]] std::optional<StorageFailure> failure() const override;
    [[nodiscard]] std::int64_t clock_behind_us() const override {
        return admission_.clock_behind_us();
    }
    [[nodiscard]] std::size_t queue_depth() const override { return queue_.depth(); }
    [[nodiscard]] std::int64_t last_turn_boot_us() const override {
        return last_turn_boot_us_.load();
    }
    [[nodiscard]] std::unique_ptr<Subscription> on_durable(LogReader::Listener listener) override {
        return listeners_.add(std::move(listener));
    }
    void begin_stop() override;
    void stop() override;

  private:
    void run();
    void turn(std::deque<Call>& pending);
    /// False: the storage failed; `answers` are worthless then.
    [[nodiscard]] bool decide(const Call& call, std::vector<Answer>& answers);
    [[nodiscard]] domain::Result<void> make_durable();
    void look_around();
    void sweep_raw();
    void fail(const domain::Error& error);
    void release(Call& call, std::vector<Answer> answers);
    [[nodiscard]] Refusal outcome_unknown() const;

    RowStore& rows_;
    const std::uint32_t partition_;
    const std::uint32_t raw_days_;
    const Clock& clock_;
    Observer* const observer_;
    const HeadNote note_head_;
    Overlay overlay_;
    Appender appender_;
    Admission admission_;
    CallQueue queue_;
    Listeners listeners_;
    mutable std::mutex head_mutex_;
    Head head_;                // durable; guarded by head_mutex_
    domain::LedgerId ledger_;  // as of head_; guarded by head_mutex_
    std::atomic<bool> failed_{false};
    mutable std::mutex failure_mutex_;
    StorageFailure failure_;  // said before failed_ is set; guarded by failure_mutex_
    std::atomic<bool> stopping_{false};
    std::atomic<std::int64_t> last_turn_boot_us_;
    std::int64_t raw_swept_boot_us_;
    std::mutex join_mutex_;
    std::thread thread_;
};

}  // namespace decklog::store
