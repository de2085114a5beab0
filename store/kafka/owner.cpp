#include "store/kafka/owner.hpp"

#include <algorithm>

#include "domain/check.hpp"
#include "store/ledger_start.hpp"
#include "store/limits.hpp"
#include "store/log_state.hpp"
#include "store/writer/answers.hpp"

namespace decklog::store::kafka {
namespace {

constexpr std::uint64_t kAnnounceTag = ~std::uint64_t{0};

}  // namespace

Owner::Owner(const Replica& replica, const RowReader& rows, const Admission& admission,
             Producer& producer, OwnerOptions options)
    : replica_(replica),
      rows_(rows),
      admission_(admission),
      producer_(producer),
      options_(std::move(options)),
      clock_(options_.clock != nullptr ? *options_.clock : system_clock()),
      random_(options_.random != nullptr ? *options_.random : system_random()) {}

// ---- ownership

void Owner::own() {
    if (owned_) return;
    owned_ = true;
    const bool keeps_epoch = spell_ && !spell_->is_over;
    if (!keeps_epoch && !announcing_) must_announce_ = true;
}

void Owner::disown() {
    owned_ = false;
    must_announce_ = false;
    for (Waiting& waiting : again_) refuse(waiting, Refused::not_owner);
    again_.clear();
}

bool Owner::is_live() const {
    return owned_ && spell_ && !spell_->is_over && !failure_ && !replica_.stopped();
}

void Owner::announce() {
    must_announce_ = false;
    producer_.restart(++generation_);
    announcing_.emplace();
    random_.fill(announcing_->bytes);
    RecordHeader header;
    header.nonce = *announcing_;
    header.first_position = replica_.head().next_ordinal;
    header.prev_head = replica_.head().chain;
    producer_.send(kAnnounceTag, encode_record(header, encode_announcement(options_.self)));
}

void Owner::tick(Time now) {
    const bool rests = announced_at_ && now - *announced_at_ < limits::kAnnounceEvery;
    if (must_announce_ && owned_ && !rests && !replica_.stopped()) {
        announced_at_ = now;
        announce();
    }
    const auto give_up = [&](Waiting& waiting) {
        if (waiting.call.done && now - waiting.call.submitted >= limits::kLogPatience)
            leave_unknown(waiting);
    };
    for (Turn& turn : turns_) std::for_each(turn.calls.begin(), turn.calls.end(), give_up);
    std::for_each(again_.begin(), again_.end(), give_up);
}

// ---- what the log says

bool Owner::is_mine(const Step& step) const {
    return spell_ && step.epoch == spell_->epoch && step.nonce == spell_->nonce;
}

void Owner::applied(std::span<const Step> steps) {
    for (const Step& step : steps) {
        switch (step.verdict) {
            case Verdict::announced:
                on_announced(step);
                break;
            case Verdict::accepted:
                if (!is_mine(step)) break;
                spell_->applied_seq = step.seq + 1;
                if (step.frame != nullptr && overlay_) overlay_->settle(1);
                break;
            case Verdict::gap:
                if (is_mine(step)) end_spell();
                break;
            case Verdict::dropped:
            case Verdict::diverged:
                break;
        }
    }
    release();
}

/// Whatever this node had sent before is now applied, or will be dropped by every node.
void Owner::on_announced(const Step& step) {
    const bool was_writing = spell_ && !spell_->is_over;
    resolve();
    spell_.reset();
    overlay_.reset();
    appender_.reset();
    if (announcing_ == step.nonce) {
        announcing_.reset();
        spell_ = Spell{step.offset, step.nonce, 0, 0, false};
    } else if (was_writing && owned_ && !announcing_) {
        must_announce_ =
            true;  // another node thinks that the partition is its own; the group knows
    }
}

void Owner::delivered(std::uint64_t generation, std::uint64_t tag, bool landed) {
    if (generation != generation_) return;
    if (!landed) {
        announcing_.reset();  // should it have landed all the same, the next one follows it
        end_spell();
        return;
    }
    if (tag == kAnnounceTag) return;
    const auto turn = std::find_if(turns_.begin(), turns_.end(),
                                   [tag](const Turn& each) { return tag < each.end_seq; });
    if (turn == turns_.end()) return;
    --turn->undelivered;
    release();
}

/// Nothing more is decided or answered in this epoch; what became of it, the next announce says.
void Owner::end_spell() {
    if (spell_) spell_->is_over = true;
    if (owned_ && !announcing_) must_announce_ = true;
}

void Owner::resolve() {
    std::deque<Turn> turns;
    turns.swap(turns_);
    for (Turn& turn : turns) settle(std::move(turn));
}

/// What of a turn of a lost epoch was applied is answered, the rest is to be decided again.
void Owner::settle(Turn turn) {
    const std::uint64_t applied = spell_ ? spell_->applied_seq : 0;
    const bool is_whole = turn.end_seq <= applied;
    for (Waiting& waiting : turn.calls) {
        bool is_done = true;
        for (Item& item : waiting.items) {
            const bool stands = is_whole || (item.seq && *item.seq < applied);
            if (stands) continue;
            item = {};
            is_done = false;
        }
        if (is_done) {
            answer(waiting);
        } else if (!owned_) {
            refuse(waiting, Refused::not_owner);
        } else if (waiting.call.done) {
            again_.push_back(std::move(waiting));
        }
    }
}

void Owner::release() {
    while (!turns_.empty() && spell_ && !spell_->is_over) {
        Turn& turn = turns_.front();
        if (turn.end_seq > spell_->applied_seq || turn.undelivered > 0) return;
        for (Waiting& waiting : turn.calls) answer(waiting);
        turns_.pop_front();
    }
}

void Owner::answer(Waiting& waiting) {
    if (!waiting.call.done) return;
    std::vector<Answer> answers;
    answers.reserve(waiting.items.size());
    for (Item& item : waiting.items) answers.push_back(std::move(*item.answer));
    const Completion done = std::exchange(waiting.call.done, nullptr);
    done(std::move(answers));
}

/// Those of its items that are answered already stay so.
void Owner::refuse(Waiting& waiting, Refused why) {
    for (Item& item : waiting.items) {
        if (!item.answer) item.answer = tl::unexpected(plain_refusal(why));
    }
    answer(waiting);
}

void Owner::leave_unknown(Waiting& waiting) {
    std::fill(waiting.items.begin(), waiting.items.end(), Item{});
    refuse(waiting, Refused::outcome_unknown);
}

void Owner::abandon(Refused why) {
    for (Turn& turn : turns_) {
        for (Waiting& waiting : turn.calls) leave_unknown(waiting);
    }
    for (Waiting& waiting : again_) refuse(waiting, why);
    turns_.clear();
    again_.clear();
}

std::size_t Owner::waiting() const {
    const auto waits = [](const Waiting& each) { return each.call.done != nullptr; };
    auto calls = std::count_if(again_.begin(), again_.end(), waits);
    for (const Turn& turn : turns_)
        calls += std::count_if(turn.calls.begin(), turn.calls.end(), waits);
    return static_cast<std::size_t>(calls);
}

// ---- deciding

domain::Result<void> Owner::prepare() {
    if (appender_) return {};
    LogState log{options_.new_log_level, false};
    if (replica_.is_created()) {
        const auto of_log = log_state(rows_, replica_.partition());
        if (!of_log) return tl::unexpected(of_log.error());
        log = *of_log;
    }
    overlay_.emplace(rows_, replica_.partition());
    overlay_->begin(replica_.head(), replica_.ledger());
    appender_.emplace(*overlay_, log, clock_, random_);
    return {};
}

bool Owner::has_room() const {
    return overlay_->frame_bytes() < limits::kTurnFrameBytesMax &&
           overlay_->frames().size() < limits::kRecordsInFlightMax;
}

std::optional<Owner::Waiting> Owner::next(std::deque<Call>& calls) {
    if (!again_.empty()) {
        Waiting first = std::move(again_.front());
        again_.pop_front();
        return first;
    }
    if (calls.empty()) return std::nullopt;
    Waiting first{std::move(calls.front()), {}};
    calls.pop_front();
    first.items.resize(first.call.submissions.size());
    return first;
}

void Owner::decide(std::deque<Call>& calls) {
    if (!is_live()) return;
    const bool begins = spell_->next_seq == 0;
    if (again_.empty() && calls.empty() && !begins) return;
    if (auto ready = prepare(); !ready) {
        failure_ = std::move(ready).error();
        return;
    }
    const std::uint64_t first_seq = spell_->next_seq;
    Turn turn;
    if (overlay_->head().next_ordinal == 0 && !create_ledger()) return;
    if (options_.level) appender_->follow_level(options_.level());
    while (has_room() && !failure_) {
        auto waiting = next(calls);
        if (!waiting) break;
        if (auto decided = decide(*waiting); !decided) failure_ = std::move(decided).error();
        turn.calls.push_back(*std::move(waiting));
    }
    if (failure_) {
        for (Waiting& waiting : turn.calls) leave_unknown(waiting);
        return;
    }
    if (turn.calls.empty() && !begins) return;
    // An epoch begins with a record even when nothing is asked: an announce does not say which
    // history its writer has, and a node with another one would not notice.
    if (spell_->next_seq == first_seq) send_barrier();
    turn.end_seq = spell_->next_seq;
    turn.undelivered = turn.end_seq - first_seq;
    turns_.push_back(std::move(turn));
}

domain::Result<void> Owner::decide(Waiting& waiting) {
    std::shared_ptr<const RawBody> raw;
    for (std::size_t i = 0; i < waiting.items.size(); ++i) {
        Item& item = waiting.items[i];
        if (item.answer) continue;  // it stands, from an epoch before
        const Submission& submission = waiting.call.submissions[i];
        const std::size_t frames = overlay_->frames().size();
        const domain::Bytes32 prev_head = overlay_->head().chain;
        auto answer = appender_->append(submission, admission_.closed(submission));
        if (!answer) return tl::unexpected(std::move(answer).error());
        item.answer = *std::move(answer);
        if (overlay_->frames().size() == frames) continue;
        item.seq = spell_->next_seq;
        send_raw(raw);
        queue_frame(prev_head);
    }
    return {};
}

/// False: it has no name yet.
bool Owner::create_ledger() {
    domain::LedgerId ledger;
    if (options_.ledger) {
        const auto named = options_.ledger();
        if (!named) return false;
        ledger = *named;
    } else {
        random_.fill(ledger.bytes);
    }
    const Creation creation =
        create_log(ledger, replica_.partition(), clock_.now_us(), options_.new_log_level, random_);
    overlay_->begin({}, ledger);
    overlay_->append(creation.frame, std::span(&creation.stream, 1));
    queue_frame({});
    return true;
}

/// Before the commit that refers to it. All items of a call may carry one body: `last`, of the item
/// before.
void Owner::send_raw(std::shared_ptr<const RawBody>& last) {
    const RawChanges raw = overlay_->take_raw();
    for (const auto& body : raw.kept) {
        if (body != last) producer_.send_raw(body->ref, body);
        last = body;
    }
    for (const domain::RawRef& ref : raw.erased) producer_.send_raw(ref, nullptr);
}

/// Sends the overlay's newest frame.
void Owner::queue_frame(const domain::Bytes32& prev_head) {
    const Frame& frame = *overlay_->frames().back();
    RecordHeader header;
    header.kind = RecordKind::commit;
    header.first_position = frame.first().ordinal;
    header.prev_head = prev_head;
    send(header, frame.bytes());
}

void Owner::send_barrier() {
    RecordHeader header;
    header.kind = RecordKind::barrier;
    header.first_position = overlay_->head().next_ordinal;
    header.prev_head = overlay_->head().chain;
    send(header, {});
}

void Owner::send(const RecordHeader& header, std::span<const std::uint8_t> body) {
    RecordHeader complete = header;
    complete.epoch = spell_->epoch;
    complete.nonce = spell_->nonce;
    complete.seq = spell_->next_seq++;
    producer_.send(complete.seq, encode_record(complete, body));
}

}  // namespace decklog::store::kafka
