#include "store/kafka/topic_filler.hpp"

#include <algorithm>
#include <cstring>

#include "domain/check.hpp"
#include "domain/ledger/level.hpp"
#include "store/fork/fork_frame.hpp"
#include "store/frame/succession.hpp"
#include "store/limits.hpp"
#include "store/rows/keys.hpp"

namespace decklog::store::kafka {
namespace {

using domain::ErrorCode;
using SteadyClock = std::chrono::steady_clock;

constexpr std::uint64_t kAnnounceTag = ~std::uint64_t{0};
constexpr std::size_t kAhead = limits::kRecordsInFlightMax / 2;

/// A key of RowFamily::raw, read back: partition 4, day 4, id 16.
domain::RawRef ref_of(std::string_view key) {
    domain::RawRef ref;
    constexpr std::size_t kDayAt = 4, kIdAt = 8;
    for (std::size_t i = kDayAt; i < kIdAt; ++i)
        ref.day = ref.day << 8U | static_cast<std::uint8_t>(key[i]);
    std::memcpy(ref.id.bytes.data(), key.data() + kIdAt, ref.id.bytes.size());
    return ref;
}

std::shared_ptr<const RawBody> body_of(std::string_view key, std::string_view sealed) {
    auto body = std::make_shared<RawBody>();
    body->ref = ref_of(key);
    body->sealed.assign(sealed.begin(), sealed.end());
    return body;
}

bool are_same(const Frame& left, const Frame& right) {
    const auto a = left.bytes(), b = right.bytes();
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

tl::unexpected<domain::Error> another(const Frame& frame) {
    return domain::fail(ErrorCode::other_ledger, "the topic holds another event at " +
                                                     std::to_string(frame.first().partition) + ":" +
                                                     std::to_string(frame.first().ordinal) +
                                                     " than this ledger; take an empty topic");
}

tl::unexpected<domain::Error> lost() {
    return domain::fail(ErrorCode::io, "the brokers did not take a record; repeat the copy", true);
}

}  // namespace

TopicFiller::TopicFiller(const ClusterOptions& cluster, const Ledger& source,
                         std::uint32_t partition)
    : source_(source),
      partition_(partition),
      log_(partition),
      producer_(cluster, partition, bell_) {}

domain::Result<std::unique_ptr<TopicFiller>> TopicFiller::open(const ClusterOptions& cluster,
                                                               const Ledger& source,
                                                               std::uint32_t partition) {
    std::unique_ptr<TopicFiller> filler(new TopicFiller(cluster, source, partition));
    auto consumer = KafkaConsumer::open(cluster, partition, filler->bell_);
    if (!consumer) return tl::unexpected(std::move(consumer).error());
    filler->consumer_.emplace(*std::move(consumer));
    if (auto started = filler->consumer_->start({}); !started)
        return tl::unexpected(std::move(started).error());
    if (auto read = filler->read_what_is_there(); !read)
        return tl::unexpected(std::move(read).error());
    return filler;
}

// ---- reading

domain::Result<void> TopicFiller::read_what_is_there() {
    const auto end = consumer_->end();
    if (!end) return tl::unexpected(end.error());
    auto moved = SteadyClock::now();
    while (log_.state().next_offset < *end && !is_whole()) {
        const auto went_on = turn();
        if (!went_on) return tl::unexpected(went_on.error());
        if (*went_on) moved = SteadyClock::now();
        if (SteadyClock::now() - moved > limits::kVaultStartPatience)
            return domain::fail(ErrorCode::io, "the topic does not let itself be read", true);
    }
    sent_ = log_.head();
    return {};
}

domain::Result<Step> TopicFiller::take(const Fetched& record) {
    auto step = log_.take(
        record,
        {[this](const Nonce& nonce) -> domain::Result<bool> { return nonces_.contains(nonce); },
         [this](const FramePtr& frame, const Head&) { return compare(frame); }});
    if (step && step->verdict == Verdict::announced) nonces_.insert(step->nonce);
    return step;
}

/// The source's frame stands at its place, or, behind the last one, the fork.
domain::Result<void> TopicFiller::compare(const FramePtr& frame) {
    const std::uint64_t end = source_.head(partition_).next_ordinal;
    if (frame->first().ordinal >= end) {
        const auto fork = domain::fork_of(frame->event(0));
        if (frame->first().ordinal > end || !fork) return another(*frame);
        forked_ = fork->to;
        return {};
    }
    if (is_live_) return {};  // sent from there; the chain is judged like any other's
    const auto own = source_.frame_at(frame->first());
    if (!own) return tl::unexpected(own.error());
    if (!are_same(**own, *frame)) return another(*frame);
    return {};
}

std::uint64_t TopicFiller::accepted() const {
    const auto& live = log_.state().live;
    return live && mine_ == live->nonce ? live->next_seq : 0;
}

/// Did anything come?
domain::Result<bool> TopicFiller::turn() {
    bell_.wait(limits::kClusterTurn);
    const auto reports = producer_.take_reports();
    for (const KafkaProducer::Report& report : reports) {
        if (!report.landed) return lost();
        --unreported_;
    }
    const auto records = consumer_->fetch();
    if (!records) return tl::unexpected(records.error());
    for (const Fetched& record : *records) {
        const auto step = take(record);
        if (!step) return tl::unexpected(step.error());
        const bool is_mine = mine_ == step->nonce;
        if (is_live_ && !is_mine && step->verdict != Verdict::dropped) {
            return domain::fail(ErrorCode::corrupt,
                                "another writer came to the topic; stop every node of it, then "
                                "repeat the copy");
        }
        if (is_mine) bytes_back_ += record.bytes.size();
        if (is_whole() && !mine_) break;  // nodes have gone on from here
    }
    return !records->empty() || !reports.empty();
}

// ---- writing

domain::Result<void> TopicFiller::settle(std::size_t records_max) {
    auto moved = SteadyClock::now();
    const auto is_settled = [&] {
        if (records_max == 0) return accepted() == next_seq_ && unreported_ == 0;
        return next_seq_ - accepted() <= records_max &&
               bytes_sent_ - std::min(bytes_back_, bytes_sent_) <= limits::kTurnFrameBytesMax;
    };
    while (!is_settled()) {
        const auto went_on = turn();
        if (!went_on) return tl::unexpected(went_on.error());
        if (*went_on) moved = SteadyClock::now();
        if (SteadyClock::now() - moved > limits::kLogPatience) return lost();
    }
    return {};
}

/// A producer of its own, so that nothing sent before lands behind it.
domain::Result<void> TopicFiller::announce(bool fills, Random& random) {
    is_live_ = false;
    producer_.restart(++generation_);
    mine_.emplace();
    random.fill(mine_->bytes);
    next_seq_ = bytes_sent_ = bytes_back_ = 0;
    RecordHeader header;
    header.nonce = *mine_;
    header.first_position = log_.head().next_ordinal;
    header.prev_head = log_.head().chain;
    unreported_ = 1;
    const Announcement self{"", DECKLOG_VERSION, domain::known_log_level(), fills};
    producer_.send(kAnnounceTag, encode_record(header, encode_announcement(self)));
    const auto until = SteadyClock::now() + limits::kLogPatience;
    while (!log_.state().live || log_.state().live->nonce != *mine_ || unreported_ > 0) {
        if (const auto went_on = turn(); !went_on) return tl::unexpected(went_on.error());
        if (SteadyClock::now() > until) return lost();
    }
    is_live_ = true;
    sent_ = log_.head();
    return {};
}

domain::Result<void> TopicFiller::send(const FramePtr& frame) {
    RecordHeader header;
    header.kind = RecordKind::commit;
    header.epoch = log_.state().live->offset;
    header.nonce = *mine_;
    header.seq = next_seq_++;
    header.first_position = frame->first().ordinal;
    header.prev_head = sent_.chain;
    domain::Bytes record = encode_record(header, frame->bytes());
    bytes_sent_ += record.size();
    ++unreported_;
    producer_.send(header.seq, std::move(record));
    sent_ = head_after(sent_, *frame);
    return settle(kAhead);
}

domain::Result<void> TopicFiller::wait_for_raw(std::uint64_t bodies_max) {
    const auto until = SteadyClock::now() + limits::kLogPatience;
    while (producer_.raw_under_way() > bodies_max) {
        if (const auto went_on = turn(); !went_on) return tl::unexpected(went_on.error());
        if (SteadyClock::now() > until) return lost();
    }
    return {};
}

/// Before the first frame, so that whoever finds frames in the topic knows that these are there.
domain::Result<void> TopicFiller::send_raw_bodies() {
    if (log_.head().next_ordinal > 0) return {};
    constexpr std::uint64_t kBodiesAhead = 64;
    const RowStore* rows = rows_of(source_);
    DECKLOG_CHECK(rows != nullptr);
    domain::Result<void> sent;
    const auto read = each_raw_body(*rows, partition_, [&](auto key, auto sealed) {
        const auto body = body_of(key, sealed);
        producer_.send_raw(body->ref, body);
        sent = wait_for_raw(kBodiesAhead);
        return sent.has_value();
    });
    if (!read) return read;
    return sent ? wait_for_raw(0) : sent;
}

domain::Result<void> TopicFiller::send_missing(const CopyProgress& progress) {
    const std::uint64_t end = source_.head(partition_).next_ordinal;
    domain::Result<void> sent;
    const auto read = source_.read({partition_, sent_.next_ordinal}, [&](const FramePtr& frame) {
        sent = send(frame);
        if (progress) progress(log_.head().next_ordinal, end);
        return sent.has_value();
    });
    if (!read) return read;
    return sent ? settle(0) : sent;
}

domain::Result<void> TopicFiller::send_fork(const domain::LedgerId& id, Clock& clock,
                                            Random& random) {
    const auto version = source_.stream_version({"default", domain::ledger_stream(partition_)});
    if (!version) return tl::unexpected(version.error());
    const auto frame = make_fork_frame({partition_, log_.head(), log_.ledger(), *version}, id,
                                       "copy", clock, random);
    if (!frame) return tl::unexpected(frame.error());
    if (auto sent = send(*frame); !sent) return sent;
    return settle(0);
}

domain::Result<void> TopicFiller::begin(Random& random) { return announce(true, random); }

domain::Result<void> TopicFiller::fill(const domain::LedgerId& id, const CopyProgress& progress,
                                       Clock& clock, Random& random) {
    if (forked_) return {};
    if (auto sent = send_raw_bodies(); !sent) return sent;
    if (auto sent = send_missing(progress); !sent) return sent;
    return send_fork(id, clock, random);
}

domain::Result<void> TopicFiller::let_go(Random& random) {
    DECKLOG_CHECK(forked_.has_value());
    return announce(false, random);
}

}  // namespace decklog::store::kafka
