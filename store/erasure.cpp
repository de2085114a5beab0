#include "store/erasure.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "domain/payload.hpp"
#include "domain/subject/subject.hpp"
#include "store/frame/frame.hpp"
#include "store/limits.hpp"

namespace decklog::store {
namespace {

constexpr std::uint32_t kPartition = 0;
constexpr std::uint64_t kProgressEvery = 16'384;

/// Goes over the log, in pieces, and keeps what belongs to one subject.
class Search {
  public:
    Search(const LogReader& ledger, const domain::SubjectId& subject, const ErasureHooks& hooks)
        : ledger_(ledger), subject_(subject), name_(domain::to_text(subject)), hooks_(hooks) {}

    /// From where it stopped last up to the newest event.
    domain::Result<void> go_on() {
        const std::uint64_t end = ledger_.head(kPartition).next_ordinal;
        if (next_ >= end) return {};
        return ledger_.read({kPartition, next_}, [&](const FramePtr& frame) {
            for (std::size_t i = 0; i < frame->event_count(); ++i) take(frame->event(i));
            const std::uint64_t before = next_;
            next_ = frame->last().ordinal + 1;
            if (hooks_.progress && before / kProgressEvery != next_ / kProgressEvery)
                hooks_.progress(next_, end);
            return next_ < end;
        });
    }

    domain::Result<Footprint> found() const {
        Footprint footprint;
        footprint.events = events_;
        footprint.streams = streams_.size();
        footprint.erased = erased_;
        for (const auto& [id, ref] : raw_) {
            const auto body = ledger_.raw_body(ref);
            if (body) footprint.raw.push_back(ref);
            if (!body && body.error().code != domain::ErrorCode::not_found)
                return tl::unexpected(body.error());
        }
        return footprint;
    }

  private:
    void take(const domain::EventView& event) {
        const bool is_its = event.subject() == subject_;
        if (is_its && event.is(domain::EventType::subject_erased)) {
            erased_ = true;
            return;
        }
        if (is_its) {
            ++events_;
            streams_.insert({std::string(event.workspace()), std::string(event.stream())});
        }
        // What a person did to somebody else (added a member, say) is the other one's event, but
        // the body it came in shows both.
        if (!is_its && event.actor_id() != name_) return;
        if (const auto ref = event.raw()) raw_.emplace(ref->id, *ref);
    }

    const LogReader& ledger_;
    const domain::SubjectId subject_;
    const std::string name_;
    const ErasureHooks& hooks_;
    std::uint64_t next_ = 0;
    std::uint64_t events_ = 0;
    std::set<domain::StreamRef> streams_;
    std::map<domain::RawId, domain::RawRef> raw_;
    bool erased_ = false;
};

std::uint32_t count(std::size_t number) {
    return static_cast<std::uint32_t>(
        std::min<std::size_t>(number, std::numeric_limits<std::uint32_t>::max()));
}

Submission submission_of(const domain::SubjectId& subject, const ErasureOrder& order,
                         const Footprint& footprint) {
    domain::EraseSubject command;
    command.workspace = order.workspace;
    command.actor = order.actor;
    command.recorded_by = order.recorded_by;
    command.now_us = order.now_us;
    command.trace_id = order.trace_id;
    command.subject = subject;
    command.reason = order.reason;
    command.keys_destroyed = count(footprint.keys);
    command.raw_bodies_deleted = count(footprint.raw.size());
    Submission submission;
    submission.intent = domain::erase_subject(std::move(command));
    submission.key = order.key;
    submission.request_hash = order.request_hash;
    submission.erase_raw = footprint.raw;
    submission.frees_or_protects = true;
    return submission;
}

Refusal nobody() {
    return {Refused::rejected,
            {"not_found", "neither the log nor the vault knows this subject", "person", {}}};
}

/// Without its vault a person's keys are gone already, and nobody is given a subject.
class NoKeys final : public SubjectHold {
  public:
    [[nodiscard]] std::size_t keys() const override { return 0; }
    [[nodiscard]] domain::Result<void> destroy() override { return {}; }
};

domain::Result<std::unique_ptr<SubjectHold>> hold_in(Vault& vault,
                                                     const domain::SubjectId& subject) {
    if (vault.missing()) return std::make_unique<NoKeys>();
    return vault.hold(subject, limits::kErasureHoldPatience);
}

domain::Result<std::vector<LoggedErasure>> erasures_from(const LogReader& ledger,
                                                         std::uint64_t ordinal) {
    IndexKey key;
    key.kind = IndexKey::Kind::type;
    key.type = static_cast<std::uint32_t>(domain::EventType::subject_erased);
    std::vector<domain::Position> positions;
    const auto after =
        ordinal == 0 ? std::nullopt : std::optional(domain::Position{kPartition, ordinal - 1});
    auto scanned =
        ledger.scan(kPartition, key, Order::ascending, after, [&](domain::Position position) {
            positions.push_back(position);
            return true;
        });
    if (!scanned) return tl::unexpected(std::move(scanned).error());
    std::vector<LoggedErasure> erasures;
    for (const domain::Position position : positions) {
        const auto frame = ledger.frame_at(position);
        if (!frame) return tl::unexpected(frame.error());
        const domain::EventView event =
            (*frame)->event(position.ordinal - (*frame)->first().ordinal);
        if (!event.subject() || !event.is(domain::EventType::subject_erased)) continue;
        LoggedErasure erasure{*event.subject(), position, event.recorded_at_us(), {}};
        const auto* payload = event.payload_as<fb::SubjectErased>();
        if (payload != nullptr && payload->reason() != nullptr)
            erasure.reason = payload->reason()->str();
        erasures.push_back(std::move(erasure));
    }
    return erasures;
}

/// Rewriting one file a body is cheap for a few of them; for many it is the whole family.
std::vector<RawRange> ranges_of(const std::vector<domain::RawRef>& raw) {
    if (raw.size() > limits::kPurgeRangesMax) return {RawRange::all()};
    std::vector<RawRange> ranges;
    for (const domain::RawRef& ref : raw) ranges.push_back(RawRange::of(ref));
    return ranges;
}

/// Lists, cleans, notes. A list that cannot be reached keeps nothing from being cleaned.
domain::Result<void> finish(Ledger& ledger, Vault& vault,
                            const std::vector<LoggedErasure>& erasures,
                            std::span<const RawRange> raw, const ErasureHooks& hooks) {
    const auto listed = hooks.list ? hooks.list(erasures) : domain::Result<void>{};
    if (auto clean = vault.purge(hooks.cancelled); !clean) return clean;
    if (auto clean = ledger.purge_raw(raw, hooks.cancelled); !clean) return clean;
    if (!listed) return listed;
    return vault.note_erasures_finished(erasures.back().position.ordinal + 1);
}

/// As good as new: the caller may simply ask again.
domain::Error unfinished(domain::Error error) {
    error.context = "the erasure is recorded but not finished: " + error.context;
    error.retryable = true;
    return error;
}

}  // namespace

domain::Result<Footprint> footprint_of(const LogReader& ledger, const Vault& vault,
                                       const domain::SubjectId& subject,
                                       const ErasureHooks& hooks) {
    Search search(ledger, subject, hooks);
    if (auto searched = search.go_on(); !searched)
        return tl::unexpected(std::move(searched).error());
    auto footprint = search.found();
    if (!footprint) return footprint;
    const auto keys = vault.count_keys(subject);
    if (!keys) return tl::unexpected(keys.error());
    footprint->keys = *keys;
    return footprint;
}

domain::Result<std::vector<LoggedErasure>> logged_erasures(const LogReader& ledger) {
    return erasures_from(ledger, 0);
}

domain::Result<ErasureAnswer> erase_subject(Ledger& ledger, Vault& vault,
                                            const domain::SubjectId& subject,
                                            const ErasureOrder& order, const ErasureHooks& hooks) {
    Search search(ledger, subject, hooks);
    if (auto searched = search.go_on(); !searched)
        return tl::unexpected(std::move(searched).error());

    auto hold = hold_in(vault, subject);
    if (!hold) return tl::unexpected(std::move(hold).error());
    if (auto searched = search.go_on(); !searched)
        return tl::unexpected(std::move(searched).error());
    auto footprint = search.found();
    if (!footprint) return tl::unexpected(std::move(footprint).error());
    footprint->keys = (*hold)->keys();
    if (footprint->is_nobody()) return ErasureAnswer(tl::unexpected(nobody()));

    std::vector<Submission> submissions;
    submissions.push_back(submission_of(subject, order, *footprint));
    auto answers = submit_and_wait(ledger, kPartition, std::move(submissions));
    if (!answers.front()) return ErasureAnswer(tl::unexpected(answers.front().error()));
    ErasureDone done{std::move(*answers.front()), std::move(*footprint)};
    if (auto gone = (*hold)->destroy(); !gone) return tl::unexpected(unfinished(gone.error()));
    hold->reset();

    if (vault.missing()) {
        auto clean = ledger.purge_raw(ranges_of(done.taken.raw), hooks.cancelled);
        if (!clean) return tl::unexpected(unfinished(clean.error()));
        return ErasureAnswer(std::move(done));
    }
    auto undone = destroy_erased_keys(ledger, vault);
    if (!undone) return tl::unexpected(unfinished(undone.error()));
    if (undone->empty()) return ErasureAnswer(std::move(done));
    // One that nothing else was left undone before, the usual case, knows which files to clean.
    const bool is_alone = undone->size() == 1 && undone->front().position == done.receipt.first &&
                          done.receipt.outcome == Outcome::accepted;
    const auto raw = is_alone ? ranges_of(done.taken.raw) : std::vector{RawRange::all()};
    if (auto finished = finish(ledger, vault, *undone, raw, hooks); !finished)
        return tl::unexpected(unfinished(finished.error()));
    return ErasureAnswer(std::move(done));
}

domain::Result<std::vector<LoggedErasure>> destroy_erased_keys(const LogReader& ledger,
                                                               Vault& vault) {
    if (vault.missing()) return std::vector<LoggedErasure>{};
    auto finished = vault.erasures_finished();
    if (!finished) return tl::unexpected(std::move(finished).error());
    // A vault that is ahead of its ledger was brought back beside an older one.
    const bool is_ahead = *finished > ledger.head(kPartition).next_ordinal;
    auto undone = erasures_from(ledger, is_ahead ? 0 : *finished);
    if (!undone) return undone;
    for (const LoggedErasure& erasure : *undone) {
        auto hold = vault.hold(erasure.subject, limits::kErasureHoldPatience);
        if (!hold) return tl::unexpected(std::move(hold).error());
        if (auto gone = (*hold)->destroy(); !gone) return tl::unexpected(std::move(gone).error());
    }
    return undone;
}

domain::Result<void> finish_erasures(Ledger& ledger, Vault& vault,
                                     const std::vector<LoggedErasure>& erasures,
                                     const ErasureHooks& hooks) {
    if (erasures.empty()) return {};
    const RawRange all = RawRange::all();
    return finish(ledger, vault, erasures, std::span(&all, 1), hooks);
}

}  // namespace decklog::store
