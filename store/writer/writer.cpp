#include "store/writer/writer.hpp"

#include <algorithm>

#include "store/limits.hpp"
#include "store/log.hpp"
#include "store/raw_expiry.hpp"
#include "store/rows/keys.hpp"
#include "store/writer/answers.hpp"

namespace decklog::store {
namespace {

using Seconds = std::chrono::duration<double>;

std::vector<Answer> refuse_all(std::size_t count, Refused kind) {
    return std::vector<Answer>(count, tl::unexpected(plain_refusal(kind)));
}

Clock& clock_of(const LedgerOptions& options) {
    return options.clock != nullptr ? *options.clock : system_clock();
}

Random& random_of(const LedgerOptions& options) {
    return options.random != nullptr ? *options.random : system_random();
}

}  // namespace

Writer::Writer(RowStore& rows, const WriterStart& start, const LedgerOptions& options,
               HeadNote note_head)
    : rows_(rows),
      partition_(start.partition),
      raw_days_(options.raw_days),
      clock_(clock_of(options)),
      observer_(options.observer),
      note_head_(std::move(note_head)),
      overlay_(rows, start.partition),
      appender_(overlay_, start.log, clock_, random_of(options)),
      admission_(options, clock_, start.head.recorded_at_us),
      queue_(options.queue_max),
      head_(start.head),
      ledger_(start.ledger),
      last_turn_boot_us_(clock_.boot_us()),
      raw_swept_boot_us_(clock_.boot_us() - limits::kRawSweepEveryMicros),
      thread_([this] { run(); }) {}

Writer::~Writer() { stop(); }

void Writer::begin_stop() {
    stopping_ = true;
    queue_.close();
}

void Writer::stop() {
    begin_stop();
    if (std::this_thread::get_id() == thread_.get_id()) return;
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
}

void Writer::submit(std::vector<Submission> submissions, Completion done) {
    const std::size_t count = submissions.size();
    Call call{std::move(submissions), std::move(done), std::chrono::steady_clock::now()};
    switch (queue_.push(call)) {
        case CallQueue::Pushed::queued:
            return;
        case CallQueue::Pushed::full:
            return release(call, refuse_all(count, Refused::queue_full));
        case CallQueue::Pushed::closed:
            return release(call, refuse_all(count, Refused::stopping));
    }
}

Head Writer::head() const {
    const std::lock_guard lock(head_mutex_);
    return head_;
}

domain::LedgerId Writer::ledger_id() const {
    const std::lock_guard lock(head_mutex_);
    return ledger_;
}

WriterState Writer::state() const {
    if (failed_) return WriterState::failed;
    if (stopping_) return WriterState::stopping;
    return admission_.state();
}

std::optional<StorageFailure> Writer::failure() const {
    if (!failed_) return std::nullopt;
    const std::lock_guard lock(failure_mutex_);
    return failure_;
}

Refusal Writer::outcome_unknown() const {
    Refusal refusal = plain_refusal(Refused::outcome_unknown);
    const std::optional<StorageFailure> why = failure();
    if (why && why->disk_full) {
        refusal.rejection.message =
            "the disk is full; free space, restart, and repeat with the same key";
    }
    return refusal;
}

void Writer::run() {
    std::deque<Call> pending;
    for (;;) {
        if (pending.empty()) queue_.take_all(pending, limits::kIdleTurn);
        look_around();
        if (!pending.empty()) {
            turn(pending);
        } else if (queue_.finished()) {
            return;
        }
    }
}

void Writer::look_around() {
    last_turn_boot_us_ = clock_.boot_us();
    admission_.look(head().recorded_at_us);
    if (const auto failed = rows_.failure()) fail(*failed);
    if (!failed_ && !admission_.is_read_only()) sweep_raw();
}

void Writer::turn(std::deque<Call>& pending) {
    overlay_.begin(head(), ledger_id());
    std::deque<std::pair<Call, std::vector<Answer>>> decided;
    bool good = !failed_;
    while (!pending.empty() && overlay_.frame_bytes() < limits::kTurnFrameBytesMax) {
        decided.emplace_back(std::move(pending.front()), std::vector<Answer>{});
        pending.pop_front();
        if (good) good = decide(decided.back().first, decided.back().second);
    }
    if (good) {
        if (auto durable = make_durable(); !durable) {
            fail(durable.error());
            good = false;
        }
    }
    for (auto& [call, answers] : decided) {
        if (!good) answers.assign(call.submissions.size(), tl::unexpected(outcome_unknown()));
        release(call, std::move(answers));
    }
}

bool Writer::decide(const Call& call, std::vector<Answer>& answers) {
    answers.reserve(call.submissions.size());
    for (const Submission& submission : call.submissions) {
        auto answer = appender_.append(submission, admission_.closed(submission));
        if (!answer) {
            fail(answer.error());
            return false;
        }
        answers.push_back(std::move(*answer));
    }
    return true;
}

domain::Result<void> Writer::make_durable() {
    const std::span<const FramePtr> frames = overlay_.frames();
    if (frames.empty()) return {};
    const auto batch = rows_.new_batch();
    overlay_.write_to(*batch);
    const auto before = std::chrono::steady_clock::now();
    if (auto committed = rows_.commit(*batch); !committed) return committed;
    const Seconds taken = std::chrono::steady_clock::now() - before;
    overlay_.remember();
    {
        const std::lock_guard lock(head_mutex_);
        head_ = overlay_.head();
        ledger_ = overlay_.ledger();
    }
    if (note_head_) note_head_(frames.back()->last(), overlay_.head().chain);
    if (observer_ != nullptr) {
        observer_->fsync_seconds(taken.count());
        const std::uint64_t events = overlay_.head().next_ordinal - frames.front()->first().ordinal;
        observer_->committed(frames.size(), events, overlay_.frame_bytes());
    }
    listeners_.tell(frames);
    return {};
}

void Writer::sweep_raw() {
    const std::int64_t boot_us = clock_.boot_us();
    if (raw_days_ == 0 || boot_us - raw_swept_boot_us_ < limits::kRawSweepEveryMicros) return;
    raw_swept_boot_us_ = boot_us;
    // The log's time runs ahead of a clock that was set back; bodies bear the clock's day.
    const auto first_kept = first_raw_day_kept(head().recorded_at_us, clock_.now_us(), raw_days_);
    if (!first_kept) return;
    const auto batch = rows_.new_batch();
    batch->erase_range(RowFamily::raw, raw_key(partition_, 0, {}),
                       raw_key(partition_, *first_kept, {}));
    if (auto erased = rows_.commit(*batch); !erased) fail(erased.error());
}

void Writer::fail(const domain::Error& error) {
    if (failed_) return;  // only the writer thread comes here
    {
        const std::lock_guard lock(failure_mutex_);
        failure_ = {error.code == domain::ErrorCode::disk_full, error.context};
    }
    failed_ = true;
    log_error("ledger", {}, "the storage failed; writing stops until a restart: {}", error.context);
}

void Writer::release(Call& call, std::vector<Answer> answers) {
    if (observer_ != nullptr) {
        const Seconds taken = std::chrono::steady_clock::now() - call.submitted;
        observer_->append_seconds(taken.count());
        for (std::size_t i = 0; i < answers.size(); ++i) {
            observer_->answered(call.submissions[i].intent.command, word_of(answers[i]));
        }
    }
    if (call.done) call.done(std::move(answers));
}

}  // namespace decklog::store
