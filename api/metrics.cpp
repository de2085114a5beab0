#include "api/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <utility>

#include "api/backup/backups.hpp"
#include "api/erasures/erasures.hpp"
#include "api/version.hpp"
#include "store/fork/hold.hpp"
#include "store/kafka/partition.hpp"

namespace decklog::api {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

const Buckets kAppendBuckets{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                             0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};
const Buckets kFsyncBuckets{0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005,
                            0.01,    0.02,   0.05,   0.1,    0.5,   1};
const Buckets kBatchBuckets{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096};
const Buckets kRequestBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                              0.1,    0.25,  0.5,    1,     5,    10};

constexpr std::array<std::string_view, 6> kLevels{"trace",   "debug", "info",
                                                  "warning", "error", "critical"};
std::array<std::atomic<std::uint64_t>, kLevels.size()> log_lines{};

constexpr std::array<std::pair<store::WriterState, std::string_view>, 6> kWriterStates{
    {{store::WriterState::ready, "ready"},
     {store::WriterState::disk_low, "disk_low"},
     {store::WriterState::clock_refused, "clock_refused"},
     {store::WriterState::read_only, "read_only"},
     {store::WriterState::failed, "failed"},
     {store::WriterState::stopping, "stopping"}}};

constexpr double kMicros = 1e6;

/// One labelled counter by the values of its labels; the registry's own lookup builds a map for
/// every call.
template <class Metric>
class Labelled {
  public:
    Labelled(Family<Metric>& family, std::vector<std::string> names)
        : family_(family), names_(std::move(names)) {}

    template <class... More>
    Metric& at(std::initializer_list<std::string_view> values, const More&... more) {
        std::string key;
        for (const std::string_view value : values) key.append(value).push_back('\0');
        const std::lock_guard lock(mutex_);
        const auto found = known_.find(key);
        if (found != known_.end()) return *found->second;
        prometheus::Labels labels;
        std::size_t i = 0;
        for (const std::string_view value : values) labels.emplace(names_[i++], std::string(value));
        Metric& metric = family_.Add(labels, more...);
        known_.emplace(std::move(key), &metric);
        return metric;
    }

  private:
    Family<Metric>& family_;
    std::vector<std::string> names_;
    std::mutex mutex_;
    std::map<std::string, Metric*, std::less<>> known_;
};

Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}
Family<Gauge>& gauges(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}
Family<Histogram>& histograms(prometheus::Registry& registry, const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Families {
    prometheus::Registry registry;
    prometheus::Registry& r = registry;

    Histogram& append =
        histograms(r, "decklog_append_seconds", "From submit to durable").Add({}, kAppendBuckets);
    Histogram& fsync = histograms(r, "decklog_fsync_seconds", "One synced write of the ledger")
                           .Add({}, kFsyncBuckets);
    Histogram& batch =
        histograms(r, "decklog_commit_batch_frames", "Commits in one fsync").Add({}, kBatchBuckets);
    Counter& events =
        counters(r, "decklog_events_total", "Events appended by this process").Add({});
    Counter& bytes = counters(r, "decklog_frame_bytes_total", "Bytes of frames appended").Add({});
    Labelled<Counter> commands{counters(r, "decklog_commands_total", "Commands answered"),
                               {"command", "outcome"}};

    Gauge& queue =
        gauges(r, "decklog_writer_queue_depth", "Submissions waiting for the writer").Add({});
    Labelled<Gauge> writer{gauges(r, "decklog_writer_state", "1 for the state the writer is in"),
                           {"state"}};
    Gauge& clock_behind =
        gauges(r, "decklog_clock_behind_seconds", "Wall clock behind the newest recorded_at")
            .Add({});
    Gauge& next_ordinal = gauges(r, "decklog_log_next_ordinal",
                                 "Ordinal of the next event; of several partitions their sum")
                              .Add({});

    Labelled<Gauge> topic_lag{
        gauges(r, "decklog_topic_lag_records", "Records that this node has not applied (cluster)"),
        {"partition"}};
    Labelled<Gauge> topic_epoch{
        gauges(r, "decklog_topic_epoch", "Offset of the live epoch's announce (cluster)"),
        {"partition"}};
    Labelled<Gauge> topic_owned{
        gauges(r, "decklog_topic_owned", "1 while this node may write the partition (cluster)"),
        {"partition"}};
    Labelled<Gauge> topic_stopped{
        gauges(r, "decklog_topic_stopped", "1 once this node applies nothing any more (cluster)"),
        {"partition"}};

    Gauge& held =
        gauges(r, "decklog_ledger_held", "1 while outbound and clocks wait for decklog adopt")
            .Add({});

    Gauge& backup_last = gauges(r, "decklog_backup_last_success_timestamp_seconds",
                                "When the newest backup was made")
                             .Add({});
    Gauge& backup_overdue =
        gauges(r, "decklog_backup_overdue", "1 when no planned backup was made in time").Add({});
    Gauge& erasures_unfinished =
        gauges(r, "decklog_erasures_unfinished",
               "Erasures in the log that are not down to the files and the lists beside backups")
            .Add({});
    Counter& backup_failures =
        counters(r, "decklog_backup_failures_total", "Backups that failed in this process").Add({});

    Labelled<Gauge> lag_events{gauges(r, "decklog_view_lag_events", "Events not yet folded"),
                               {"view"}};
    Labelled<Gauge> lag_seconds{
        gauges(r, "decklog_view_lag_seconds", "Age of the oldest event not yet folded"), {"view"}};
    Labelled<Gauge> parked{gauges(r, "decklog_view_parked_keys", "Keys parked by a poison event"),
                           {"view"}};
    Labelled<Gauge> stopped{gauges(r, "decklog_view_stopped", "1 when the view has stopped"),
                            {"view"}};
    Labelled<Gauge> in_trouble{
        gauges(r, "decklog_view_retrying", "1 while a fold that failed is tried again"), {"view"}};

    Labelled<Counter> webhooks{
        counters(r, "decklog_webhook_items_total", "Webhook items and refusals by outcome"),
        {"platform", "outcome"}};
    Labelled<Gauge> off_calls{
        gauges(r, "decklog_webhook_off_calls", "Calls to endpoints whose secret is not set"),
        {"platform"}};

    Labelled<Counter> requests{
        counters(r, "decklog_http_requests_total", "Answers by route template and status"),
        {"route", "status"}};
    Labelled<Histogram> request_seconds{
        histograms(r, "decklog_http_request_seconds", "From the header read to the answer written"),
        {"route"}};
    Gauge& open_connections = gauges(r, "decklog_http_connections", "Open connections").Add({});
    Gauge& open_streams = gauges(r, "decklog_http_streams", "Open live streams").Add({});
    Gauge& live_pending =
        gauges(r, "decklog_live_pending_bytes", "Of live streams, waiting for slow readers")
            .Add({});
    Labelled<Counter> streams_ended{
        counters(r, "decklog_live_ended_total", "Live streams that the server ended"), {"reason"}};
    Labelled<Counter> refusals{counters(r, "decklog_refusals_total", "Refused requests by code"),
                               {"code"}};

    Counter& audit_actions =
        counters(r, "decklog_audit_actions_total", "Audit actions sent by services").Add({});
    Labelled<Counter> audit_missing{counters(r, "decklog_audit_actions_missing_total",
                                             "Audit actions without what they are audited by"),
                                    {"field"}};

    Counter& subjects_erased =
        counters(r, "decklog_subjects_erased_total", "People forgotten by this process").Add({});
    Counter& keys_destroyed =
        counters(r, "decklog_subject_keys_destroyed_total", "Keys destroyed with them").Add({});
    Counter& raw_erased =
        counters(r, "decklog_raw_bodies_erased_total", "Raw bodies deleted with them").Add({});

    Labelled<Gauge> lines{gauges(r, "decklog_log_lines", "Log lines written by this process"),
                          {"level"}};
    Labelled<Gauge> build{gauges(r, "decklog_build_info", "Always 1"), {"version"}};

    std::mutex mutex;
    Sources sources;

    void refresh();
    void refresh_ledger(const store::Ledger& ledger);
    void refresh_partition(const std::string& number, const store::kafka::PartitionFacts& facts);
    void refresh_backups(const Backups& backups);
    void refresh_views(const projections::Engines& engines);
};

void Metrics::Families::refresh_ledger(const store::Ledger& ledger) {
    queue.Set(static_cast<double>(ledger.queue_depth()));
    clock_behind.Set(static_cast<double>(ledger.clock_behind_us()) / kMicros);
    std::uint64_t events_in_log = 0;
    for (std::uint32_t partition = 0; partition < ledger.partitions(); ++partition)
        events_in_log += ledger.head(partition).next_ordinal;
    next_ordinal.Set(static_cast<double>(events_in_log));
    const store::WriterState state = ledger.state();
    for (const auto& [known, name] : kWriterStates) writer.at({name}).Set(known == state ? 1 : 0);
}

void Metrics::Families::refresh_partition(const std::string& number,
                                          const store::kafka::PartitionFacts& facts) {
    topic_lag.at({number}).Set(static_cast<double>(facts.end_offset - facts.next_offset));
    topic_epoch.at({number}).Set(static_cast<double>(facts.epoch));
    topic_owned.at({number}).Set(facts.is_live ? 1 : 0);
    topic_stopped.at({number}).Set(facts.stopped.empty() ? 0 : 1);
}

void Metrics::Families::refresh_backups(const Backups& backups) {
    const Backups::Status status = backups.status();
    backup_last.Set(static_cast<double>(status.last_success_us.value_or(0)) / kMicros);
    backup_overdue.Set(status.is_overdue ? 1 : 0);
    backup_failures.Increment(static_cast<double>(status.failures) - backup_failures.Value());
}

void Metrics::Families::refresh_views(const projections::Engines& engines) {
    for (const projections::ViewStatus& view : engines.status()) {
        const std::string name = projections::name_of(view);
        lag_events.at({name}).Set(static_cast<double>(view.lag_events));
        lag_seconds.at({name}).Set(view.lag_seconds);
        parked.at({name}).Set(static_cast<double>(view.parked));
        stopped.at({name}).Set(view.stopped.empty() ? 0 : 1);
        in_trouble.at({name}).Set(view.trouble.empty() ? 0 : 1);
    }
}

void Metrics::Families::refresh() {
    const std::lock_guard lock(mutex);
    if (sources.ledger != nullptr) refresh_ledger(*sources.ledger);
    for (std::size_t number = 0; number < sources.partitions.size(); ++number)
        refresh_partition(std::to_string(number), sources.partitions[number]->facts());
    if (sources.hold != nullptr) held.Set(sources.hold->is_held() ? 1 : 0);
    if (sources.backups != nullptr) refresh_backups(*sources.backups);
    if (sources.erasures != nullptr)
        erasures_unfinished.Set(static_cast<double>(sources.erasures->status().unfinished));
    if (sources.engines != nullptr) refresh_views(*sources.engines);
    if (sources.inbound != nullptr) {
        for (const ingest::OffEndpoint& off : sources.inbound->off_endpoints()) {
            off_calls.at({ingest::to_text(off.platform)}).Set(static_cast<double>(off.calls));
        }
    }
    for (std::size_t i = 0; i < kLevels.size(); ++i) {
        lines.at({kLevels[i]})
            .Set(static_cast<double>(log_lines[i].load(std::memory_order_relaxed)));
    }
}

void count_log_line(std::string_view level) {
    for (std::size_t i = 0; i < kLevels.size(); ++i) {
        if (kLevels[i].substr(0, 4) == level.substr(0, 4)) {
            log_lines[i].fetch_add(1, std::memory_order_relaxed);
        }
    }
}

Metrics::Metrics() : families_(std::make_unique<Families>()) {
    families_->build.at({version()}).Set(1);
    for (const std::string_view field : {"platform", "agent", "conversation"}) {
        families_->audit_missing.at({field});
    }
}
Metrics::~Metrics() = default;

void Metrics::watch(Sources sources) {
    const std::lock_guard lock(families_->mutex);
    families_->sources = sources;
}

std::string Metrics::text() {
    families_->refresh();
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

void Metrics::http_answered(std::string_view route, int status, double seconds) {
    families_->requests.at({route, std::to_string(status)}).Increment();
    families_->request_seconds.at({route}, kRequestBuckets).Observe(seconds);
}

void Metrics::refused(std::string_view code) { families_->refusals.at({code}).Increment(); }

void Metrics::connections(std::size_t open, std::size_t streams, std::size_t pending_bytes) {
    families_->open_connections.Set(static_cast<double>(open));
    families_->open_streams.Set(static_cast<double>(streams));
    families_->live_pending.Set(static_cast<double>(pending_bytes));
}

void Metrics::stream_ended(std::string_view reason) {
    families_->streams_ended.at({reason}).Increment();
}

void Metrics::audit_action(bool has_platform, bool has_agent, bool has_conversation) {
    families_->audit_actions.Increment();
    if (!has_platform) families_->audit_missing.at({"platform"}).Increment();
    if (!has_agent) families_->audit_missing.at({"agent"}).Increment();
    if (!has_conversation) families_->audit_missing.at({"conversation"}).Increment();
}

void Metrics::subject_erased(std::uint32_t keys, std::uint32_t raw_bodies) {
    families_->subjects_erased.Increment();
    families_->keys_destroyed.Increment(keys);
    families_->raw_erased.Increment(raw_bodies);
}

void Metrics::committed(std::size_t frames, std::size_t events, std::size_t bytes) {
    families_->batch.Observe(static_cast<double>(frames));
    families_->events.Increment(static_cast<double>(events));
    families_->bytes.Increment(static_cast<double>(bytes));
}

void Metrics::append_seconds(double seconds) { families_->append.Observe(seconds); }
void Metrics::fsync_seconds(double seconds) { families_->fsync.Observe(seconds); }

void Metrics::answered(std::string_view command, std::string_view outcome) {
    families_->commands.at({command, outcome}).Increment();
}

void Metrics::webhook(ingest::Platform platform, std::string_view outcome, std::uint64_t count) {
    families_->webhooks.at({ingest::to_text(platform), outcome})
        .Increment(static_cast<double>(count));
}

}  // namespace decklog::api
