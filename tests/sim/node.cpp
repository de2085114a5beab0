#include "tests/sim/node.hpp"

namespace decklog::sim {

using namespace store;  // NOLINT: this file is about the store's parts

namespace {
constexpr std::size_t kEarlierMax = 8;
}

void Node::boot() {
    if (is_up()) return;
    if (rows_ == nullptr) rows_ = std::make_unique<MemoryRows>();
    auto replica = kafka::Replica::recover(*rows_, 0);
    if (!replica) throw std::runtime_error("a node does not start: " + replica.error().context);
    replica_.emplace(*std::move(replica));
    if (!finds_its_topic()) {
        replica_.reset();
        return;
    }
    LedgerOptions options;
    options.clock = &clock_;
    options.disk_free_bytes_min = 0;
    admission_ = std::make_unique<Admission>(options, clock_, replica_->head().recorded_at_us);
    producer_ = std::make_unique<SimProducer>(topic_, rng_);
    kafka::OwnerOptions owner;
    owner.self = {"http://node", "sim", domain::limits::kLogLevel};
    owner.new_log_level = domain::limits::kLogLevel;
    owner.clock = &clock_;
    owner.random = &random_;
    owner_ = std::make_unique<kafka::Owner>(*replica_, *rows_, *admission_, *producer_, owner);
    replica_->know_own([this](const Head& before) { return owner_->made_behind(before); });
}

bool Node::finds_its_topic() const {
    const kafka::ReplicaState& state = replica_->state();
    const bool has_last = state.next_offset > 0 && state.next_offset <= topic_.end();
    return kafka::check_topic(state, topic_.end(),
                              has_last ? topic_.at(state.next_offset - 1) : domain::Bytes{})
        .has_value();
}

void Node::crash() {
    if (!is_up()) return;
    owner_.reset();
    producer_->leave_ghosts();
    producer_.reset();
    calls_.clear();
    replica_.reset();
    if (!earlier_.empty() && one_in(rng_, 2)) {
        const std::uint64_t lost = below(rng_, earlier_.size());
        earlier_.resize(earlier_.size() - lost);
        rows_ = std::make_unique<MemoryRows>(earlier_.back());
    }
}

void Node::fetch(std::uint64_t records_max) {
    if (!is_up() || is_stopped()) return;
    const std::int64_t from = replica_->state().next_offset;
    std::vector<kafka::Fetched> records;
    for (std::int64_t at = from; at < topic_.end() && records.size() < records_max; ++at)
        records.push_back({at, topic_.at(at)});
    if (from > topic_.end())  // what a consumer calls out of range
        replica_->stop(kafka::check_topic(replica_->state(), topic_.end(), {}).error());
    if (records.empty() && !is_stopped()) return;
    const auto pace = one_in(rng_, 2) ? kafka::Pace::bulk : kafka::Pace::live;
    const auto steps = replica_->apply(records, pace);
    earlier_.push_back(rows_->copy());
    if (earlier_.size() > kEarlierMax) earlier_.pop_front();
    owner_->applied(steps);
    if (is_stopped()) owner_->abandon(Refused::outcome_unknown);
}

void Node::produce_one() {
    if (!is_up()) return;
    if (misbehaves(50)) return producer_->lose_next();
    const bool report_lost = misbehaves(50);
    producer_->land_next(report_lost, misbehaves(20));
}

void Node::lose_one() {
    if (is_up()) producer_->lose_next();
}

void Node::report_one() {
    if (!is_up() || producer_->reports.empty()) return;
    const SimProducer::Report report = producer_->reports.front();
    producer_->reports.pop_front();
    owner_->delivered(report.generation, report.tag, report.landed);
}

void Node::submit(Submission submission, std::function<void(const Answer&)> done) {
    std::vector<Submission> one{std::move(submission)};
    submit_call(std::move(one), [done = std::move(done)](const std::vector<Answer>& answers) {
        done(answers.front());
    });
}

void Node::submit_call(std::vector<Submission> submissions, Completion done) {
    if (!is_up() || !owner_->is_owned()) return;  // the caller hears nothing
    Call call;
    call.submissions = std::move(submissions);
    call.done = std::move(done);
    call.submitted = now();
    calls_.push_back(std::move(call));
}

void Node::decide() {
    if (is_up()) owner_->decide(calls_);
}

void Node::tick(bool long_after) {
    time_ += long_after ? std::chrono::steady_clock::duration(limits::kLogPatience)
                        : std::chrono::steady_clock::duration(limits::kAnnounceEvery);
    if (is_up()) owner_->tick(now());
}

}  // namespace decklog::sim
