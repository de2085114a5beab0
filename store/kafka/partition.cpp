#include "store/kafka/partition.hpp"

#include <algorithm>

#include "domain/ledger/level.hpp"
#include "store/frame/frame.hpp"
#include "store/limits.hpp"
#include "store/log.hpp"
#include "store/log_state.hpp"
#include "store/raw_expiry.hpp"
#include "store/writer/answers.hpp"

namespace decklog::store::kafka {
namespace {

using SteadyClock = std::chrono::steady_clock;

Clock& clock_of(const LedgerOptions& options) {
    return options.clock != nullptr ? *options.clock : system_clock();
}

/// Partition 0 names the ledger and says its level.
OwnerOptions owner_options(std::uint32_t partition, const Node& node, const ClusterOptions& cluster,
                           const LedgerOptions& options) {
    OwnerOptions owner;
    owner.self = {cluster.url, DECKLOG_VERSION, domain::known_log_level()};
    owner.new_log_level = options.new_log_level;
    owner.clock = options.clock;
    owner.random = options.random;
    if (partition > 0) {
        owner.ledger = [&node] { return node.ledger_to_begin(); };
        owner.level = [&node] { return node.level(); };
    }
    return owner;
}

/// The highest level that an event of the frame gives its log; 0: none does.
std::uint32_t level_said_by(const Frame& frame) {
    std::uint32_t level = 0;
    for (std::size_t i = 0; i < frame.event_count(); ++i) {
        const domain::EventView event = frame.event(i);
        const bool says_one = event.is(domain::EventType::ledger_created) ||
                              event.is(domain::EventType::level_raised);
        if (says_one) level = std::max(level, domain::level_said_by(event));
    }
    return level;
}

}  // namespace

domain::Result<std::unique_ptr<Partition>> Partition::start(RowStore& rows, std::uint32_t partition,
                                                            std::shared_ptr<Node> node,
                                                            const ClusterOptions& cluster,
                                                            const LedgerOptions& options) {
    auto replica = Replica::recover(rows, partition);
    if (!replica) return tl::unexpected(std::move(replica).error());
    std::unique_ptr<Partition> started(
        new Partition(rows, *std::move(replica), std::move(node), cluster, options));
    if (started->replica_.is_created()) {
        const auto state = log_state(rows, partition);
        if (!state) return tl::unexpected(state.error());
        started->level_ = state->level;
    }
    auto consumer = KafkaConsumer::open(cluster, partition, started->bell_);
    if (!consumer) return tl::unexpected(std::move(consumer).error());
    started->consumer_.emplace(*std::move(consumer));
    if (auto found = started->consumer_->start(started->replica_.state()); !found)
        return tl::unexpected(std::move(found).error());
    auto raw = RawReader::open(cluster, rows, partition, started->bell_);
    if (!raw) return tl::unexpected(std::move(raw).error());
    started->raw_.emplace(*std::move(raw));
    started->tell_node();
    started->node_->enrol(partition, started->bell_);
    started->thread_ = std::thread([self = started.get()] { self->run(); });
    return started;
}

Partition::Partition(RowStore& rows, Replica replica, std::shared_ptr<Node> node,
                     const ClusterOptions& cluster, const LedgerOptions& options)
    : node_(std::move(node)),
      clock_(clock_of(options)),
      observer_(options.observer),
      admission_(options, clock_, replica.head().recorded_at_us),
      queue_(options.queue_max),
      replica_(std::move(replica)),
      raw_days_(options.raw_days),
      raw_swept_boot_us_(clock_.boot_us() - limits::kRawSweepEveryMicros),
      producer_(cluster, replica_.partition(), bell_),
      owner_(replica_, rows, admission_, producer_,
             owner_options(replica_.partition(), *node_, cluster, options)),
      last_turn_boot_us_(clock_.boot_us()) {
    replica_.know_own([this](const Head& before) { return owner_.made_behind(before); });
    publish();
}

Partition::~Partition() { stop(); }

void Partition::begin_stop() {
    stopping_ = true;
    queue_.close();
    bell_.ring();
}

void Partition::stop() {
    begin_stop();
    if (std::this_thread::get_id() == thread_.get_id()) return;
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
}

/// Answers are counted as the embedded writer counts them.
Completion Partition::observed(const std::vector<Submission>& submissions, Completion done) const {
    if (observer_ == nullptr) return done;
    std::vector<std::string> commands;
    for (const Submission& submission : submissions) commands.push_back(submission.intent.command);
    return [observer = observer_, commands = std::move(commands), done = std::move(done),
            submitted = SteadyClock::now()](std::vector<Answer> answers) {
        const std::chrono::duration<double> taken = SteadyClock::now() - submitted;
        observer->append_seconds(taken.count());
        for (std::size_t i = 0; i < answers.size(); ++i)
            observer->answered(commands[i], word_of(answers[i]));
        if (done) done(std::move(answers));
    };
}

void Partition::submit(std::vector<Submission> submissions, Completion done) {
    done = observed(submissions, std::move(done));
    Call call{std::move(submissions), std::move(done), SteadyClock::now()};
    switch (queue_.push(call)) {
        case CallQueue::Pushed::queued:
            return bell_.ring();
        case CallQueue::Pushed::full:
            return refuse(call, Refused::queue_full);
        case CallQueue::Pushed::closed:
            return refuse(call, Refused::stopping);
    }
}

void Partition::refuse(Call& call, Refused why) const {
    if (!call.done) return;
    std::vector<Answer> answers(call.submissions.size(), tl::unexpected(plain_refusal(why)));
    std::exchange(call.done, nullptr)(std::move(answers));
}

Head Partition::head() const {
    const std::lock_guard lock(mutex_);
    return head_;
}

domain::LedgerId Partition::ledger_id() const {
    const std::lock_guard lock(mutex_);
    return ledger_;
}

PartitionFacts Partition::facts() const {
    const std::lock_guard lock(mutex_);
    return facts_;
}

WriterState Partition::state() const {
    if (failed_) return WriterState::failed;
    if (stopping_) return WriterState::stopping;
    return admission_.state();
}

std::optional<StorageFailure> Partition::failure() const {
    if (!failed_) return std::nullopt;
    return StorageFailure{false, facts().stopped};
}

// ---- the thread

void Partition::run() {
    for (;;) {
        bell_.wait(limits::kClusterTurn);
        // Records, reports and calls come one by one; a turn for each is a batch and a request for
        // each.
        if (owner_.is_busy()) std::this_thread::sleep_for(limits::kClusterGather);
        turn();
        const bool is_done = queue_.finished() && calls_.empty() && owner_.waiting() == 0;
        if (stopping_ && (is_done || failed_)) break;
    }
    owner_.abandon(Refused::stopping);
    refuse_queued(Refused::stopping, false);
    node_->finish(replica_.partition());
}

void Partition::turn() {
    look_around();
    apply();
    apply_raw();
    hear_reports();
    follow_group();
    take_calls();
    owner_.tick(SteadyClock::now());
    producer_.send_held();
    publish();
}

void Partition::look_around() {
    last_turn_boot_us_ = clock_.boot_us();
    admission_.look(replica_.head().recorded_at_us);
}

void Partition::apply() {
    if (replica_.stopped()) return;
    auto fetched = consumer_->fetch();
    if (!fetched) {
        replica_.stop(std::move(fetched).error());
    } else {
        const auto now = SteadyClock::now();
        if (!fetched->empty()) last_fetched_ = now;
        backlog_.add(*std::move(fetched));
        const bool has_stalled = now - last_fetched_ >= limits::kClusterTurn;
        apply(backlog_.take_due(consumer_->known_end(), has_stalled));
    }
    if (replica_.stopped()) stop_applying();
}

void Partition::apply(const Backlog::Due& due) {
    if (due.records.empty()) return;
    const std::vector<Step> steps = replica_.apply(due.records, due.pace);
    std::vector<FramePtr> frames;
    for (const Step& step : steps) {
        if (step.frame == nullptr) continue;
        frames.push_back(step.frame);
        level_ = std::max(level_, level_said_by(*step.frame));
    }
    tell_node();
    publish();
    if (!frames.empty()) listeners_.tell(frames);
    owner_.applied(steps);
}

/// Bodies and where their topic was read to; those of days past are left out and swept.
void Partition::apply_raw() {
    if (replica_.stopped()) return;
    const std::int64_t boot_us = clock_.boot_us();
    const std::uint32_t first_kept =
        first_raw_day_kept(replica_.head().recorded_at_us, clock_.now_us(), raw_days_).value_or(0);
    auto done = raw_->apply(first_kept);
    if (done && first_kept > 0 && boot_us - raw_swept_boot_us_ >= limits::kRawSweepEveryMicros) {
        raw_swept_boot_us_ = boot_us;
        done = raw_->sweep(first_kept);
    }
    if (done) return;
    if (done.error().retryable)
        return log_warn("kafka", {}, "raw bodies: {}", done.error().context);
    replica_.stop(std::move(done).error());
    stop_applying();
}

void Partition::stop_applying() {
    log_error("kafka", {}, "partition {} stops until a restart: {}", replica_.partition(),
              replica_.stopped()->context);
    failed_ = true;
    publish();
    owner_.abandon(Refused::outcome_unknown);
    refuse_queued(Refused::outcome_unknown, false);
}

void Partition::hear_reports() {
    for (const KafkaProducer::Report& report : producer_.take_reports())
        owner_.delivered(report.generation, report.tag, report.landed);
}

/// Whoever does not understand the log must not write it, and nobody writes a part of one.
std::string Partition::why_not_own() const {
    if (replica_.state().owner.fills)
        return "`decklog copy` has not finished filling the topic; repeat it until it has";
    if (replica_.partition() > 0 && !replica_.is_created() && node_->goes_on()) {
        return "partition " + std::to_string(replica_.partition()) +
               " was added to the topic after its log had begun; a log keeps the number of "
               "partitions that it was made with";
    }
    if (level_ > domain::known_log_level()) {
        return "the log is at level " + std::to_string(level_) +
               ", this release knows levels up to " + std::to_string(domain::known_log_level());
    }
    return {};
}

void Partition::tell_node() {
    if (replica_.partition() == 0 && replica_.is_created())
        node_->tell(replica_.ledger(), level_, replica_.head().next_ordinal > 1);
}

/// Asks for ownership once it has nearly caught up: an owner has to read its announce before it can
/// write. One that has stopped is for another node.
void Partition::follow_group() {
    const auto end = consumer_->known_end();
    Candidacy candidacy;
    candidacy.may_own = !failed_ && why_not_own().empty();
    candidacy.is_near = end && *end - replica_.state().next_offset <= limits::kJoinLagMax;
    const bool owns = node_->owns(replica_.partition(), candidacy);
    if (failed_ || owns == owner_.is_owned()) return;
    if (owns) return owner_.own();
    owner_.disown();
}

void Partition::take_calls() {
    queue_.take_all(calls_, std::chrono::milliseconds(0));
    if (failed_) return refuse_queued(Refused::outcome_unknown, false);
    if (!owner_.is_owned()) return refuse_queued(Refused::not_owner, false);
    owner_.decide(calls_);
    if (!calls_.empty()) refuse_queued(Refused::not_owner, true);
}

/// Those that were taken from the queue and not decided: nothing of them has happened.
void Partition::refuse_queued(Refused why, bool only_old) {
    const auto now = SteadyClock::now();
    const auto goes = [&](Call& call) {
        if (only_old && now - call.submitted < limits::kLogPatience) return false;
        refuse(call, why);
        return true;
    };
    if (!only_old) queue_.take_all(calls_, std::chrono::milliseconds(0));
    std::erase_if(calls_, goes);
}

void Partition::publish() {
    const ReplicaState& state = replica_.state();
    const std::lock_guard lock(mutex_);
    head_ = replica_.head();
    ledger_ = replica_.ledger();
    facts_.next_offset = state.next_offset;
    if (consumer_) facts_.end_offset = consumer_->known_end().value_or(facts_.end_offset);
    facts_.epoch = state.live ? state.live->offset : kNoEpoch;
    facts_.owner_url = state.owner.url;
    facts_.is_owned = owner_.is_owned();
    facts_.is_live = owner_.is_live();
    facts_.follows = why_not_own();
    if (replica_.stopped()) facts_.stopped = replica_.stopped()->context;
}

}  // namespace decklog::store::kafka
