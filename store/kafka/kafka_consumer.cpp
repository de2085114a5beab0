#include "store/kafka/kafka_consumer.hpp"

#include <thread>

#include "store/limits.hpp"
#include "store/log.hpp"

namespace decklog::store::kafka {
namespace {

constexpr int kAskMs = 10'000;
constexpr int kDoubtAskMs = 2'000;
constexpr int kNewsTries = 20;
constexpr std::chrono::milliseconds kNewsPause{100};

/// A topic that was just made is news to some brokers for a moment.
bool is_news(rd_kafka_resp_err_t error) {
    return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
           error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION;
}

void ring(rd_kafka_t*, void* bell) { static_cast<Bell*>(bell)->ring(); }

domain::Bytes bytes_of(const void* data, std::size_t size) {
    const auto* bytes = static_cast<const std::uint8_t*>(data);
    return {bytes, bytes + size};
}

Fetched fetched_of(const rd_kafka_message_t& message) {
    return {message.offset, bytes_of(message.payload, message.len),
            bytes_of(message.key, message.key_len)};
}

}  // namespace

domain::Result<KafkaConsumer> KafkaConsumer::open(const ClusterOptions& options,
                                                  std::uint32_t partition, Bell& bell,
                                                  const Reading& reading) {
    auto conf = configure(
        options, {{"group.id", options.topic + ".replica"},  // never joined
                  {"enable.auto.commit", "false"},
                  {"enable.auto.offset.store", "false"},
                  {"auto.offset.reset", "error"},
                  {"enable.partition.eof", "true"},
                  {"check.crcs", "true"},
                  {"fetch.wait.max.ms", "100"},
                  {"fetch.error.backoff.ms", "100"},
                  {"socket.nagle.disable", "true"},
                  {"queued.max.messages.kbytes", std::to_string(reading.ahead_bytes >> 10U)},
                  {"queued.min.messages", std::to_string(reading.ahead_records)},
                  {"fetch.message.max.bytes", std::to_string(reading.record_bytes_max)}});
    if (!conf) return tl::unexpected(std::move(conf).error());
    auto handle = make_handle(RD_KAFKA_CONSUMER, *std::move(conf));
    if (!handle) return tl::unexpected(std::move(handle).error());
    rd_kafka_poll_set_consumer(handle->get());
    const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_get_consumer(handle->get()));
    rd_kafka_queue_cb_event_enable(queue.get(), ring, &bell);
    return KafkaConsumer(*std::move(handle), options, partition, bell);
}

domain::Result<void> KafkaConsumer::read_from(std::int64_t offset) {
    next_ = offset;
    last_.reset();
    return assign(offset);
}

domain::Result<void> KafkaConsumer::assign(std::int64_t offset) {
    const Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition_)->offset = offset;
    const auto error = rd_kafka_assign(handle_.get(), list.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error("read " + topic_, error);
    return {};
}

rd_kafka_resp_err_t KafkaConsumer::ask(int ask_ms, Held& held) const {
    return rd_kafka_query_watermark_offsets(handle_.get(), topic_.c_str(), partition_, &held.begin,
                                            &held.end, ask_ms);
}

domain::Result<KafkaConsumer::Held> KafkaConsumer::held() const {
    Held held;
    auto error = RD_KAFKA_RESP_ERR_NO_ERROR;
    for (int i = 0; i < kNewsTries; ++i) {
        error = ask(kAskMs, held);
        if (!is_news(error)) break;
        std::this_thread::sleep_for(kNewsPause);
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return kafka_error("ask where " + topic_ + " ends", error);
    return held;
}

domain::Result<std::int64_t> KafkaConsumer::end() const {
    const auto all = held();
    if (!all) return tl::unexpected(all.error());
    return all->end;
}

std::optional<std::int64_t> KafkaConsumer::known_end() const {
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto error =
        rd_kafka_get_watermark_offsets(handle_.get(), topic_.c_str(), partition_, &low, &high);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0) return std::nullopt;
    return high;
}

domain::Result<std::optional<Fetched>> KafkaConsumer::first_at(std::int64_t offset) {
    if (auto assigned = assign(offset); !assigned) return tl::unexpected(assigned.error());
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kAskMs);
    while (std::chrono::steady_clock::now() < until) {
        const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(handle_.get(), 100));
        if (message == nullptr) continue;
        if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
            return domain::fail(domain::ErrorCode::corrupt,
                                "the topic does not hold offset " + std::to_string(offset) +
                                    ", which this node applied: records were deleted");
        }
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return std::nullopt;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return fetched_of(*message);
    }
    return kafka_error("read " + topic_ + " again", RD_KAFKA_RESP_ERR__TIMED_OUT);
}

domain::Result<void> KafkaConsumer::start(const ReplicaState& state) {
    const auto ends_at = end();
    if (!ends_at) return tl::unexpected(ends_at.error());
    domain::Bytes last;
    if (state.next_offset > 0 && state.next_offset <= *ends_at) {
        auto read = first_at(state.next_offset - 1);
        if (!read) return tl::unexpected(std::move(read).error());
        if (*read) last = std::move((*read)->bytes);
    }
    if (auto same = check_topic(state, *ends_at, last); !same) return same;
    return read_from(state.next_offset);
}

domain::Result<std::vector<Fetched>> KafkaConsumer::fetch() {
    if (doubt_) {
        if (auto looked = look_again(); !looked) return tl::unexpected(std::move(looked).error());
        if (doubt_) return std::vector<Fetched>{};
    }
    auto records = fetch_here();
    if (!records || records->empty()) return records;
    next_ = records->back().offset + 1;
    last_ = records->back();
    return records;
}

domain::Result<std::vector<Fetched>> KafkaConsumer::fetch_here() {
    std::vector<Fetched> records;
    std::size_t bytes = 0;
    while (records.size() < limits::kFetchRecordsMax && bytes < limits::kFetchBytesMax) {
        const Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(handle_.get(), 0));
        if (message == nullptr) break;
        if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET) {
            const auto now = SteadyClock::now();
            doubt_ = Doubt{now, now};
            break;
        }
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            came_to_end_at_ = message->offset;
            continue;
        }
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
            log_warn("kafka", {}, "reading {}: {}", topic_, rd_kafka_err2str(message->err));
            continue;
        }
        records.push_back(fetched_of(*message));
        bytes += message->len + message->key_len;
    }
    const bool is_at_bound =
        records.size() >= limits::kFetchRecordsMax || bytes >= limits::kFetchBytesMax;
    if (is_at_bound) bell_->ring();
    return records;
}

// ---- in doubt

domain::Result<void> KafkaConsumer::look_again() {
    const auto now = SteadyClock::now();
    if (now < doubt_->next_look) return {};
    doubt_->next_look = now + limits::kDoubtPause;
    Held held;  // asked once a look: the thread has more to do than to wait
    if (ask(kDoubtAskMs, held) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};  // nobody says anything
    if (held.begin > next_)
        return domain::fail(domain::ErrorCode::corrupt, "records that were not read were deleted");
    if (held.end < next_) {
        log_warn("kafka", {}, "{}: a broker says that it ends at {}, before {}", topic_, held.end,
                 next_);
        if (now - doubt_->since < doubt_patience_) return {};
        return domain::fail(domain::ErrorCode::corrupt,
                            "the topic ends before what this node has applied: it was cut, or "
                            "made anew");
    }
    const auto is_there = is_last_there();
    if (!is_there) return tl::unexpected(is_there.error());
    if (!*is_there) return {};
    log_info("kafka", {}, "{}: it is whole, and read on from {}", topic_, next_);
    doubt_.reset();
    return assign(next_);
}

domain::Result<bool> KafkaConsumer::is_last_there() {
    if (!last_) return true;
    const auto again = first_at(last_->offset);
    if (!again) return false;
    if (!*again || (*again)->offset != last_->offset) return true;  // compacted meanwhile
    if ((*again)->bytes == last_->bytes && (*again)->key == last_->key) return true;
    return domain::fail(domain::ErrorCode::corrupt,
                        "the topic holds another record where this node read: it was made anew");
}

}  // namespace decklog::store::kafka
