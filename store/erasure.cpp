#include "store/erasure.hpp"

#include <algorithm>
#include <limits>

#include "domain/payload.hpp"
#include "domain/subject/subject.hpp"
#include "store/frame/frame.hpp"
#include "store/limits.hpp"

namespace decklog::store {
namespace {

constexpr std::uint32_t kPartition = 0;
constexpr const char* kReasonUnknown = "an erasure left unfinished";

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
    command.raw_bodies_deleted = count(footprint.all_raw().size());
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

domain::Result<void> clean(Ledger& ledger, Vault& vault, std::uint64_t end,
                           std::span<const RawRange> raw, const ErasureHooks& hooks) {
    if (hooks.cleaned_to != nullptr && hooks.cleaned_to->load() >= end) return {};
    if (auto cleaned = vault.purge(hooks.cancelled); !cleaned) return cleaned;
    if (auto cleaned = ledger.purge_raw(raw, hooks.cancelled); !cleaned) return cleaned;
    if (hooks.cleaned_to != nullptr) hooks.cleaned_to->store(end);
    return {};
}

/// Lists, cleans, notes. A list that cannot be reached keeps nothing from being cleaned.
domain::Result<void> finish(Ledger& ledger, Vault& vault,
                            const std::vector<LoggedErasure>& erasures,
                            std::span<const RawRange> raw, const ErasureHooks& hooks) {
    const std::uint64_t end = erasures.back().position.ordinal + 1;
    const auto listed = hooks.list ? hooks.list(erasures) : domain::Result<void>{};
    if (auto cleaned = clean(ledger, vault, end, raw, hooks); !cleaned) return cleaned;
    if (!listed) return listed;
    return vault.note_erasures_finished(end);
}

/// As good as new: the caller may simply ask again.
domain::Error unfinished(domain::Error error) {
    error.context = "the erasure is recorded but not finished: " + error.context;
    error.retryable = true;
    return error;
}

Answer commit(Ledger& ledger, const ErasureTarget& target, const Footprint& footprint) {
    std::vector<Submission> submissions;
    submissions.push_back(submission_of(target.subject, target.order, footprint));
    return std::move(submit_and_wait(ledger, kPartition, std::move(submissions)).front());
}

/// As good as new: the caller may simply ask again.
tl::unexpected<domain::Error> not_taken(const Refusal& refusal, std::uint32_t partition) {
    const std::string where = "partition " + std::to_string(partition);
    if (refusal.kind == Refused::not_owner) {
        return domain::fail(
            domain::ErrorCode::io,
            "raw bodies of the person stand in " + where + ", which another node writes: not_owner",
            true);
    }
    return domain::fail(domain::ErrorCode::io, where + ": " + refusal.rejection.code, true);
}

/// Those that stand outside of partition 0, each in a commit of its own partition.
domain::Result<void> take_bodies_elsewhere(Ledger& ledger, const ErasureTarget& target,
                                           const Footprint& footprint, const SearchHooks& hooks) {
    for (const auto& [place, bodies] : footprint.raw_elsewhere) {
        BodiesToTake there{target.subject, target.order, place.partition, footprint.keys, bodies};
        there.order.workspace = place.workspace;
        there.order.key.reset();  // that is of the commit which says that all is done
        const Answer answer =
            hooks.take_elsewhere ? hooks.take_elsewhere(there) : take_bodies(ledger, there);
        if (!answer) return not_taken(answer.error(), place.partition);
    }
    return {};
}

/// Of somebody whose SubjectErased stands already.
domain::Result<void> take_late(Ledger& ledger, const ErasureTarget& target, const Footprint& late,
                               const SearchHooks& hooks) {
    if (auto taken = take_bodies_elsewhere(ledger, target, late, hooks); !taken) return taken;
    if (late.raw.empty()) return {};
    const Answer answer = commit(ledger, target, late);
    if (!answer) return domain::fail(domain::ErrorCode::io, answer.error().rejection.code, true);
    return {};
}

/// Nobody waits yet. What is left to be read under the hold is little, unless the log grows faster
/// than it can be read.
domain::Result<void> catch_up(FootprintSearch& search) {
    for (int round = 0; round < limits::kErasureCatchUpRoundsMax; ++round) {
        if (auto searched = search.go_on(); !searched) return searched;
        if (search.left() <= limits::kErasureHeldSearchEvents) break;
    }
    return {};
}

/// A body that only names somebody was filed without them, so it did not wait for the hold: some
/// may have come in between the last look and the commit.
domain::Result<void> take_late_bodies(Ledger& ledger, FootprintSearch& search,
                                      const ErasureTarget& target, const SearchHooks& hooks,
                                      ErasureDone& done) {
    if (auto searched = search.go_on(); !searched) return searched;
    const Footprint late = search.found(target.subject);
    ErasureOrder order = target.order;
    order.key.reset();
    if (auto taken = take_late(ledger, {target.subject, std::move(order)}, late, hooks); !taken)
        return taken;
    done.taken.raw.insert(done.taken.raw.end(), late.raw.begin(), late.raw.end());
    for (const auto& [place, bodies] : late.raw_elsewhere) {
        auto& there = done.taken.raw_elsewhere[place];
        there.insert(there.end(), bodies.begin(), bodies.end());
    }
    search.note_taken(late.all_raw());
    return {};
}

ErasureOrder order_to_finish(const LoggedErasure& erasure) {
    ErasureOrder order;
    const bool may_stand = !domain::refusal_of_reason(erasure.reason, {});
    order.reason = may_stand ? erasure.reason : kReasonUnknown;
    order.now_us = erasure.recorded_at_us;
    return order;
}

/// The ordinal before which the bodies of an erasure stand in a partition: its own in partition 0;
/// elsewhere, where only time tells, that of the first event recorded behind it.
domain::Result<std::uint64_t> end_of_bodies(const LogReader& ledger, const LoggedErasure& erasure,
                                            std::uint32_t partition) {
    if (partition == erasure.position.partition) return erasure.position.ordinal;
    std::uint64_t first = 0, end = ledger.head(partition).next_ordinal;
    while (first < end) {
        const std::uint64_t middle = first + (end - first) / 2;
        const auto frame = ledger.frame_at({partition, middle});
        if (!frame) return tl::unexpected(frame.error());
        if ((*frame)->header().recorded_at_us > erasure.recorded_at_us) {
            end = (*frame)->first().ordinal;
        } else {
            first = (*frame)->last().ordinal + 1;
        }
    }
    return first;
}

/// What take_late_bodies did not come to: who still has keys was left right behind the commit. Only
/// bodies before SubjectErased: whoever comes later is not forgotten. No more of them can come, so
/// nobody is held.
domain::Result<void> take_bodies_left_behind(Ledger& ledger, const Vault& vault,
                                             const std::vector<LoggedErasure>& undone,
                                             const SearchHooks& hooks) {
    std::vector<LoggedErasure> left;
    std::vector<domain::SubjectId> subjects;
    for (const LoggedErasure& erasure : undone) {
        const auto keys = vault.count_keys(erasure.subject);
        if (!keys) return tl::unexpected(keys.error());
        if (*keys == 0) continue;
        left.push_back(erasure);
        subjects.push_back(erasure.subject);
    }
    FootprintSearch search(ledger, vault, subjects, hooks);
    for (const LoggedErasure& erasure : left) {
        for (std::uint32_t partition = 0; partition < ledger.partitions(); ++partition) {
            const auto end = end_of_bodies(ledger, erasure, partition);
            if (!end) return tl::unexpected(end.error());
            const std::uint64_t back = std::min(*end, limits::kErasureLateEventsMax);
            search.skip_to({partition, *end - back});
            if (auto searched = search.go_on_to({partition, *end}); !searched) return searched;
        }
        const Footprint late = search.found(erasure.subject);
        const ErasureTarget target{erasure.subject, order_to_finish(erasure)};
        if (auto taken = take_late(ledger, target, late, hooks); !taken) return taken;
        search.note_taken(late.all_raw());
    }
    return {};
}

/// Steps 1 to 4.
domain::Result<ErasureAnswer> erase_one(Ledger& ledger, Vault& vault, FootprintSearch& search,
                                        const ErasureTarget& target, const SearchHooks& hooks) {
    if (auto searched = catch_up(search); !searched)
        return tl::unexpected(std::move(searched).error());
    auto hold = hold_in(vault, target.subject);
    if (!hold) return tl::unexpected(std::move(hold).error());
    if (auto searched = search.go_on(); !searched)
        return tl::unexpected(std::move(searched).error());
    Footprint footprint = search.found(target.subject);
    footprint.keys = (*hold)->keys();
    if (footprint.is_nobody()) return ErasureAnswer(tl::unexpected(nobody()));
    const auto is_repeat =
        ledger.adds_nothing(submission_of(target.subject, target.order, footprint));
    if (!is_repeat) return tl::unexpected(is_repeat.error());
    if (!*is_repeat) {
        if (auto taken = take_bodies_elsewhere(ledger, target, footprint, hooks); !taken)
            return tl::unexpected(std::move(taken).error());
    }
    Answer answer = commit(ledger, target, footprint);
    if (!answer) return ErasureAnswer(tl::unexpected(answer.error()));
    ErasureDone done{std::move(*answer), {}};
    // Whom a request erased that comes again now may have come back since: nothing was said of this
    // subject.
    if (done.receipt.outcome == Outcome::repeated) return ErasureAnswer(std::move(done));
    search.note_taken(footprint.all_raw());
    done.taken = std::move(footprint);
    if (auto taken = take_late_bodies(ledger, search, target, hooks, done); !taken)
        return tl::unexpected(unfinished(taken.error()));
    if (auto gone = (*hold)->destroy(); !gone) return tl::unexpected(unfinished(gone.error()));
    return ErasureAnswer(std::move(done));
}

/// Steps 5 and 6, for these and whatever was left undone before.
domain::Result<void> finish_all(Ledger& ledger, Vault& vault,
                                const std::vector<ErasureAnswer>& answers,
                                const ErasureHooks& hooks) {
    std::vector<domain::RawRef> raw;
    std::vector<domain::Position> accepted;
    for (const ErasureAnswer& answer : answers) {
        if (!answer) continue;
        const std::vector<domain::RawRef> taken = answer->taken.all_raw();
        raw.insert(raw.end(), taken.begin(), taken.end());
        if (answer->receipt.outcome == Outcome::accepted) accepted.push_back(answer->receipt.first);
    }
    auto undone = destroy_erased_keys(ledger, vault, hooks);
    if (!undone) return tl::unexpected(std::move(undone).error());
    if (undone->empty()) return ledger.purge_raw(ranges_of(raw), hooks.cancelled);
    // Those that nothing else was left undone before, the usual case, know which files to clean.
    const bool is_all = std::all_of(undone->begin(), undone->end(), [&](const auto& erasure) {
        return std::find(accepted.begin(), accepted.end(), erasure.position) != accepted.end();
    });
    const auto ranges = is_all ? ranges_of(raw) : std::vector{RawRange::all()};
    return finish(ledger, vault, *undone, ranges, hooks);
}

}  // namespace

domain::Result<Footprint> footprint_of(const LogReader& ledger, const Vault& vault,
                                       const domain::SubjectId& subject,
                                       const ErasureHooks& hooks) {
    FootprintSearch search(ledger, vault, std::span(&subject, 1), hooks);
    if (auto searched = search.go_on(); !searched)
        return tl::unexpected(std::move(searched).error());
    Footprint footprint = search.found(subject);
    const auto keys = vault.count_keys(subject);
    if (!keys) return tl::unexpected(keys.error());
    footprint.keys = *keys;
    return footprint;
}

domain::Result<std::vector<LoggedErasure>> logged_erasures(const LogReader& ledger) {
    return erasures_from(ledger, 0);
}

Answer take_bodies(Ledger& ledger, const BodiesToTake& bodies) {
    Footprint there;
    there.keys = bodies.keys;
    there.raw = bodies.bodies;
    std::vector<Submission> submissions;
    submissions.push_back(submission_of(bodies.subject, bodies.order, there));
    return std::move(submit_and_wait(ledger, bodies.partition, std::move(submissions)).front());
}

domain::Result<std::vector<ErasureAnswer>> erase_subjects(Ledger& ledger, Vault& vault,
                                                          std::span<const ErasureTarget> targets,
                                                          const ErasureHooks& hooks) {
    std::vector<domain::SubjectId> subjects;
    for (const ErasureTarget& target : targets) subjects.push_back(target.subject);
    FootprintSearch search(ledger, vault, subjects, hooks);
    std::vector<ErasureAnswer> answers;
    for (const ErasureTarget& target : targets) {
        auto answer = erase_one(ledger, vault, search, target, hooks);
        if (!answer) return tl::unexpected(std::move(answer).error());
        answers.push_back(std::move(*answer));
    }
    if (auto finished = finish_all(ledger, vault, answers, hooks); !finished)
        return tl::unexpected(unfinished(finished.error()));
    return answers;
}

domain::Result<ErasureAnswer> erase_subject(Ledger& ledger, Vault& vault,
                                            const domain::SubjectId& subject,
                                            const ErasureOrder& order, const ErasureHooks& hooks) {
    const ErasureTarget target{subject, order};
    auto answers = erase_subjects(ledger, vault, std::span(&target, 1), hooks);
    if (!answers) return tl::unexpected(std::move(answers).error());
    return std::move(answers->front());
}

domain::Result<void> take_bodies_that_came_late(Ledger& ledger, const Vault& vault,
                                                std::uint32_t partition,
                                                std::span<const LoggedErasure> erasures,
                                                const SearchHooks& hooks) {
    std::vector<domain::SubjectId> subjects;
    for (const LoggedErasure& erasure : erasures) subjects.push_back(erasure.subject);
    SearchHooks by_subject = hooks;
    by_subject.ids_in = nullptr;  // the vault knows nobody of them any more
    FootprintSearch search(ledger, vault, subjects, by_subject);
    const std::uint64_t end = ledger.head(partition).next_ordinal;
    std::vector<domain::RawRef> gone;
    for (const LoggedErasure& erasure : erasures) {
        const auto then = end_of_bodies(ledger, erasure, partition);
        if (!then) return tl::unexpected(then.error());
        search.skip_to({partition, *then - std::min(*then, limits::kErasureLateEventsMax)});
        if (auto searched = search.go_on_to({partition, end}); !searched) return searched;
        for (const auto& [place, bodies] : search.found(erasure.subject).raw_elsewhere) {
            BodiesToTake late{erasure.subject, order_to_finish(erasure), partition, 0, bodies};
            late.order.workspace = place.workspace;
            if (const Answer answer = take_bodies(ledger, late); !answer)
                return not_taken(answer.error(), partition);
            gone.insert(gone.end(), bodies.begin(), bodies.end());
        }
    }
    return ledger.purge_raw(ranges_of(gone), hooks.cancelled);
}

domain::Result<std::vector<LoggedErasure>> unfinished_erasures(const LogReader& ledger,
                                                               const Vault& vault) {
    if (vault.missing()) return std::vector<LoggedErasure>{};
    const auto finished = vault.erasures_finished();
    if (!finished) return tl::unexpected(finished.error());
    const bool is_ahead = *finished > ledger.head(kPartition).next_ordinal;
    return erasures_from(ledger, is_ahead ? 0 : *finished);
}

domain::Result<std::vector<LoggedErasure>> destroy_erased_keys(Ledger& ledger, Vault& vault,
                                                               const SearchHooks& hooks) {
    if (vault.missing()) return std::vector<LoggedErasure>{};
    const auto finished = vault.erasures_finished();
    if (!finished) return tl::unexpected(finished.error());
    // A vault that is ahead of its ledger was brought back beside an older one. What it says of a
    // longer log must not be taken for this one's when it has grown as long.
    if (*finished > ledger.head(kPartition).next_ordinal) {
        if (auto begun = vault.note_erasures_finished(0); !begun)
            return tl::unexpected(std::move(begun).error());
    }
    auto undone = unfinished_erasures(ledger, vault);
    if (!undone) return undone;
    if (auto taken = take_bodies_left_behind(ledger, vault, *undone, hooks); !taken)
        return tl::unexpected(std::move(taken).error());
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
