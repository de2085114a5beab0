#include "store/kafka/vault_topic.hpp"

#include <algorithm>

#include "store/kafka/topic.hpp"
#include "store/limits.hpp"
#include "store/log.hpp"

namespace decklog::store::kafka {
namespace {

using domain::ErrorCode;

tl::unexpected<domain::Error> away(const std::string& what) {
    return domain::fail(ErrorCode::io, "vault: " + what, true);
}

}  // namespace

VaultTopic::VaultTopic(std::unique_ptr<VaultRows> local, ClusterOptions topic,
                       const SecretKey& vault_key, Random& random, Clock& clock)
    : local_(std::move(local)),
      topic_(std::move(topic)),
      seal_(vault_key),
      random_(random),
      clock_(clock),
      producer_(topic_, 0, bell_) {}

VaultTopic::~VaultTopic() {
    stopping_ = true;
    bell_.ring();
    if (thread_.joinable()) thread_.join();
}

// ---- start

domain::Result<std::unique_ptr<VaultTopic>> VaultTopic::open(std::unique_ptr<VaultRows> local,
                                                             const ClusterOptions& cluster,
                                                             const SecretKey& vault_key,
                                                             Random& random, Clock& clock) {
    const TopicPlan plan = vault_topic(cluster);
    const auto topic = open_sound_topic(cluster, plan);
    if (!topic) return tl::unexpected(topic.error());
    if (topic->partitions != 1) {
        return domain::fail(ErrorCode::invalid_argument, "the topic " + plan.name + " has " +
                                                             std::to_string(topic->partitions) +
                                                             " partitions; a vault has one");
    }
    ClusterOptions of_vault = cluster;
    of_vault.topic = plan.name;
    std::unique_ptr<VaultTopic> opened(
        new VaultTopic(std::move(local), std::move(of_vault), vault_key, random, clock));
    if (auto started = opened->start(); !started) return tl::unexpected(std::move(started).error());
    return opened;
}

domain::Result<void> VaultTopic::start() {
    auto replica = VaultReplica::recover(*local_, seal_);
    if (!replica) return tl::unexpected(std::move(replica).error());
    replica_.emplace(*std::move(replica));
    auto consumer = KafkaConsumer::open(topic_, 0, bell_);
    if (!consumer) return tl::unexpected(std::move(consumer).error());
    consumer_.emplace(*std::move(consumer));
    const auto end = consumer_->end();
    if (!end) return tl::unexpected(end.error());
    if (auto found = find_topic(*end); !found) return found;
    if (auto read = read_to(*end); !read) return read;
    if (auto noted = replica_->note_seen(clock_.now_us()); !noted) return noted;
    seen_noted_ = SteadyClock::now();
    producer_.restart(generation_);
    thread_ = std::thread([this] { run(); });
    return {};
}

domain::Result<void> VaultTopic::find_topic(std::int64_t end) {
    const VaultState& state = replica_->state();
    std::optional<Fetched> first;
    std::optional<Fetched> last;
    if (state.is_begun() && state.next_offset <= end) {
        auto read = consumer_->first_at(state.first_offset);
        if (!read) return tl::unexpected(std::move(read).error());
        first = *std::move(read);
        if (state.next_offset > 0) read = consumer_->first_at(state.next_offset - 1);
        if (!read) return tl::unexpected(std::move(read).error());
        last = *std::move(read);
    }
    if (auto same = check_vault_topic(state, end, first, last); !same) return same;
    if (replica_->was_away(clock_.now_us())) {
        log_info("vault", {}, "this node was away for long: the vault is read from its beginning");
        if (auto begun = replica_->begin_again(); !begun) return begun;
    }
    return consumer_->read_from(replica_->state().next_offset);
}

/// Offsets have holes where compaction was.
bool VaultTopic::has_read_to(std::int64_t end) const {
    return replica_->state().next_offset >= end || consumer_->came_to_end_at() >= end;
}

domain::Result<void> VaultTopic::read_to(std::int64_t end) {
    auto moved = SteadyClock::now();
    while (!has_read_to(end)) {
        bell_.wait(limits::kClusterTurn);
        const auto read = apply();
        if (!read) return tl::unexpected(read.error());
        if (*read > 0) moved = SteadyClock::now();
        if (SteadyClock::now() - moved > limits::kVaultStartPatience)
            return away("the brokers do not give the vault's records");
    }
    return {};
}

// ---- callers

domain::Result<void> VaultTopic::write(std::span<const VaultRow> rows,
                                       std::span<const std::string> erased) {
    std::vector<VaultRow> own;
    std::vector<Record> records;
    for (const VaultRow& row : rows) {
        if (is_own_row(row.key)) {
            own.push_back(row);
        } else {
            records.push_back({seal_.record_key(row.key, row.value),
                               seal_.record_value(row.key, row.value, random_)});
        }
    }
    if (auto all = erasing(erased, records); !all) return all;
    if (!own.empty()) {
        if (auto written = local_->put(own); !written) return written;
    }
    if (records.empty()) return {};
    return wait_for(std::move(records));
}

domain::Result<void> VaultTopic::erasing(std::span<const std::string> row_keys,
                                         std::vector<Record>& records) const {
    for (const std::string& row_key : row_keys) {
        const auto all = replica_->all_of(row_key);
        if (!all) return tl::unexpected(all.error());
        for (const auto& gone : *all)
            records.push_back({seal_.record_key(gone.row_key, gone.row_value), {}});
    }
    return {};
}

domain::Result<void> VaultTopic::catch_up() {
    const auto end = consumer_->end();
    if (!end) return tl::unexpected(end.error());
    return wait_for({}, *end);
}

domain::Result<void> VaultTopic::wait_for(std::vector<Record> records, std::int64_t reach) {
    Call call{std::move(records)};
    call.since = SteadyClock::now();
    call.reach = reach;
    auto done = call.done.get_future();
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return tl::unexpected(*closed_);
        queued_.push_back(std::move(call));
    }
    bell_.ring();
    return done.get();
}

void VaultTopic::on_change(VaultRowsListener listener) {
    const std::lock_guard lock(listener_mutex_);
    listener_ = std::move(listener);
}

domain::Result<void> VaultTopic::read_all(const VaultRowSink& sink) const {
    return local_->read_all([&sink](std::string_view key, std::string_view value) {
        const bool is_hidden = is_own_row(key) && key != erasures_row_key();
        return is_hidden || sink(key, value);
    });
}

// ---- the thread

void VaultTopic::run() {
    while (!stopping_ && !stopped_) {
        bell_.wait(limits::kClusterTurn);
        turn();
    }
    fail_all();
}

void VaultTopic::turn() {
    if (const auto read = apply(); !read) return stop_for_good(read.error());
    hear_reports();
    answer_calls();
    send_calls();
    note_seen();
}

domain::Result<std::size_t> VaultTopic::apply() {
    const auto fetched = consumer_->fetch();
    if (!fetched) return tl::unexpected(fetched.error());
    if (fetched->empty()) return std::size_t{0};
    const auto applied = replica_->apply(*fetched);
    if (!applied.row_keys.empty()) {
        const std::lock_guard lock(listener_mutex_);
        if (listener_) listener_(applied.row_keys);
    }
    if (applied.failed) return tl::unexpected(*applied.failed);
    for (const Fetched& record : *fetched) {
        if (sent_.empty()) break;
        const domain::Bytes16 hash = vault_record_hash(record);
        for (Call& call : sent_) call.unread.erase(hash);
    }
    return fetched->size();
}

void VaultTopic::hear_reports() {
    bool has_failed = false;
    for (const KafkaProducer::Report& report : producer_.take_reports()) {
        if (report.generation != generation_) continue;
        if (!report.landed) has_failed = true;
        const auto call = std::find_if(sent_.begin(), sent_.end(), [&report](const Call& each) {
            return report.tag < each.end_tag;
        });
        if (call != sent_.end()) --call->unreported;
    }
    if (has_failed) fail_sent("the vault's topic did not take a record");
}

void VaultTopic::send_calls() {
    std::deque<Call> calls;
    {
        const std::lock_guard lock(mutex_);
        calls.swap(queued_);
    }
    for (Call& call : calls) {
        call.unreported = call.records.size();
        for (const Record& record : call.records) {
            call.unread.insert(vault_record_hash({0, record.value, record.key}));
            producer_.send(next_tag_++, record.key, record.value);
        }
        call.end_tag = next_tag_;
        sent_.push_back(std::move(call));
    }
}

void VaultTopic::answer_calls() {
    std::erase_if(sent_, [this](Call& call) {
        const bool is_done = call.unread.empty() && call.unreported == 0 && has_read_to(call.reach);
        if (!is_done) return false;
        call.done.set_value(domain::Result<void>());
        return true;
    });
    const bool is_late =
        !sent_.empty() && SteadyClock::now() - sent_.front().since > limits::kVaultPatience;
    if (is_late) fail_sent("the vault's topic does not answer");
}

void VaultTopic::note_seen() {
    if (SteadyClock::now() - seen_noted_ < limits::kVaultSeenEvery) return;
    seen_noted_ = SteadyClock::now();
    const auto end = consumer_->end();
    if (!end || !has_read_to(*end)) return;
    if (auto noted = replica_->note_seen(clock_.now_us()); !noted) stop_for_good(noted.error());
}

void VaultTopic::stop_for_good(domain::Error why) {
    log_error("vault", {}, "the vault takes no more writes before a restart: {}", why.context);
    const std::lock_guard lock(mutex_);
    closed_ = std::move(why);
    stopped_ = true;
}

/// What was on its way may still land; what is sent from now on comes behind it or alone.
void VaultTopic::fail_sent(const std::string& why) {
    producer_.restart(++generation_);
    for (Call& call : sent_) call.done.set_value(domain::Result<void>(away(why)));
    sent_.clear();
}

void VaultTopic::fail_all() {
    const std::lock_guard lock(mutex_);
    if (!closed_) closed_ = away("the server stops").value();
    for (Call& call : sent_) call.done.set_value(domain::Result<void>(tl::unexpected(*closed_)));
    for (Call& call : queued_) call.done.set_value(domain::Result<void>(tl::unexpected(*closed_)));
    sent_.clear();
    queued_.clear();
}

}  // namespace decklog::store::kafka
