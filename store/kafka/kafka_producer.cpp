#include "store/kafka/kafka_producer.hpp"

#include <algorithm>

#include "domain/limits.hpp"
#include "store/limits.hpp"
#include "store/log.hpp"
#include "store/rows/keys.hpp"

namespace decklog::store::kafka {
namespace {

/// No record of the log has this one; reported only when a body is lost.
constexpr std::uint64_t kRawTag = ~std::uint64_t{0} - 1;

void ring(rd_kafka_t*, void* bell) { static_cast<Bell*>(bell)->ring(); }

void* as_opaque(std::uint64_t tag) {
    return reinterpret_cast<void*>(std::uintptr_t{tag});  // never dereferenced
}

}  // namespace

KafkaProducer::KafkaProducer(ClusterOptions options, std::uint32_t partition, Bell& bell)
    : options_(std::move(options)), partition_(partition), bell_(bell) {}

KafkaProducer::~KafkaProducer() { throw_away(); }

void KafkaProducer::throw_away() {
    reports_.clear();
    held_.clear();
    raw_sent_ = raw_landed_ = 0;
    topic_.reset();
    raw_topic_.reset();
    if (handle_ == nullptr) return;
    std::erase_if(ending_, [](const std::future<void>& each) {
        return each.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
    ending_.push_back(std::async(std::launch::async, [handle = std::move(handle_)]() mutable {
        rd_kafka_purge(handle.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                         RD_KAFKA_PURGE_F_NON_BLOCKING);
        handle.reset();
    }));
}

void KafkaProducer::restart(std::uint64_t generation) {
    throw_away();
    generation_ = generation;
    std::map<std::string, std::string> ours{
        {{"enable.idempotence", "true"},
         {"acks", "all"},
         {"linger.ms", "0"},
         {"socket.nagle.disable", "true"},
         {"compression.type", "none"},
         {"message.max.bytes", std::to_string(kRawRecordBytesMax)},
         {"message.timeout.ms",
          std::to_string(std::chrono::milliseconds(limits::kProducePatience).count())},
         {"queue.buffering.max.messages", std::to_string(limits::kRecordsInFlightMax * 2)}}};
    // What comes while a request is out goes with the next one. With several out, commits keep
    // going round in small requests, each of which costs every broker as much as a large one.
    constexpr const char* kInFlight = "max.in.flight.requests.per.connection";
    const auto& given = options_.properties;
    if (!given.contains(kInFlight) && !given.contains("max.in.flight"))
        ours.emplace(kInFlight, "1");
    auto conf = configure(options_, ours);
    if (!conf) return log_error("kafka", {}, "no producer: {}", conf.error().context);
    rd_kafka_conf_set_opaque(conf->get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf->get(), on_delivery);
    auto handle = make_handle(RD_KAFKA_PRODUCER, *std::move(conf));
    if (!handle) return log_error("kafka", {}, "no producer: {}", handle.error().context);
    handle_ = *std::move(handle);
    topic_.reset(rd_kafka_topic_new(handle_.get(), options_.topic.c_str(), nullptr));
    const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_get_main(handle_.get()));
    rd_kafka_queue_cb_event_enable(queue.get(), ring, &bell_);
}

void KafkaProducer::send(std::uint64_t tag, domain::Bytes record) {
    held_.push_back({tag, raw_sent_, std::move(record)});
}

void KafkaProducer::send_raw(const domain::RawRef& ref, std::shared_ptr<const RawBody> body) {
    if (handle_ == nullptr) return;  // the record after it is reported lost
    const bool is_too_large = body && body->sealed.size() > kRawRecordBytesMax - 4'096;
    if (is_too_large) {
        // It would never land, and nothing behind it would.
        return log_error("kafka", {}, "a raw body of {} bytes is too large for its topic",
                         body->sealed.size());
    }
    if (raw_topic_ == nullptr) {
        raw_topic_.reset(
            rd_kafka_topic_new(handle_.get(), (options_.topic + ".raw").c_str(), nullptr));
    }
    const Key key = raw_key(partition_, ref.day, ref.id);
    const std::string_view bytes = key.view();
    void* const sealed = body ? const_cast<std::uint8_t*>(body->sealed.data()) : nullptr;
    const int failed = rd_kafka_produce(raw_topic_.get(), static_cast<std::int32_t>(partition_),
                                        RD_KAFKA_MSG_F_COPY, sealed, body ? body->sealed.size() : 0,
                                        bytes.data(), bytes.size(), as_opaque(kRawTag));
    ++raw_sent_;
    if (failed == 0) return;
    reports_.push_back({generation_, kRawTag, false});
    bell_.ring();
}

void KafkaProducer::send_held() {
    while (!held_.empty() && held_.front().raw_before <= raw_landed_) {
        send(held_.front().tag, {}, held_.front().record);
        held_.pop_front();
    }
}

void KafkaProducer::send(std::uint64_t tag, std::span<const std::uint8_t> key,
                         std::span<const std::uint8_t> record) {
    // Copied, so not changed through this pointer; null is what makes a tombstone.
    void* const bytes = record.empty() ? nullptr : const_cast<std::uint8_t*>(record.data());
    const bool queued =
        topic_ != nullptr &&
        rd_kafka_produce(topic_.get(), static_cast<std::int32_t>(partition_), RD_KAFKA_MSG_F_COPY,
                         bytes, record.size(), key.empty() ? nullptr : key.data(), key.size(),
                         as_opaque(tag)) == 0;
    if (queued) return;
    reports_.push_back({generation_, tag, false});
    bell_.ring();
}

void KafkaProducer::on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    auto& mine = *static_cast<KafkaProducer*>(self);
    const bool landed = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!landed) {
        log_warn("kafka", {}, "a record was not delivered: {}", rd_kafka_err2str(message->err));
    }
    const std::uint64_t tag = reinterpret_cast<std::uintptr_t>(message->_private);
    if (tag == kRawTag && landed) {
        ++mine.raw_landed_;
    } else {
        mine.reports_.push_back({mine.generation_, tag, landed});
    }
}

std::vector<KafkaProducer::Report> KafkaProducer::take_reports() {
    if (handle_ != nullptr) rd_kafka_poll(handle_.get(), 0);
    send_held();
    return std::exchange(reports_, {});
}

}  // namespace decklog::store::kafka
