#include "api/erasures/erasing.hpp"

#include <utility>

#include "api/answers.hpp"
#include "api/erasures/erasures.hpp"
#include "api/erasures/person.hpp"
#include "api/metrics.hpp"
#include "domain/subject/subject.hpp"
#include "store/frame/frame.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;
constexpr std::string_view kSubjectStream = "subject/";
constexpr std::size_t kNamesBytesMax = 200;  // of those named in an error

domain::Rejection not_found() {
    return {"not_found",
            "nobody is known by this name; who was erased is known by the subject id alone",
            "person", std::nullopt};
}

domain::Rejection failed(const domain::Error& error) {
    store::log_error("erase", {}, "an erasure stopped: {}", error.context);
    if (error.retryable) {
        return {
            "erasure_unfinished", error.context + ". Repeat the request once that is over", {}, {}};
    }
    return {"erasure_failed", "the server failed; its log says why. Repeat the request", {}, {}};
}

/// Who is erased and cannot be found by a number or a name any more: to repeat the request with.
std::string unfinished_in_the_log(const Core& core) {
    const auto unfinished = store::unfinished_erasures(*core.ledger, *core.vault);
    if (!unfinished || unfinished->empty()) return {};
    std::string names;
    for (const store::LoggedErasure& erasure : *unfinished) {
        if (names.size() > kNamesBytesMax) {
            names += ", …";
            break;
        }
        names += (names.empty() ? "" : ", ") + domain::to_text(erasure.subject);
    }
    return " (erased in the log: " + names + ")";
}

/// What is said of work that stopped half way, and shown on /health until it is done.
domain::Rejection stopped(const Core& core, const domain::Error& error) {
    core.erasures->take_stock(error.context);
    domain::Error told = error;
    told.context += unfinished_in_the_log(core);
    return failed(told);
}

/// From the commit alone.
domain::Result<ErasureOutcome> outcome_of(const Core& core, const store::Receipt& receipt) {
    const auto frame = core.ledger->frame_at(receipt.first);
    if (!frame) return tl::unexpected(frame.error());
    const domain::EventView event = (*frame)->event(0);
    ErasureOutcome outcome;
    outcome.position = receipt.last;
    outcome.is_repeat = receipt.outcome == store::Outcome::repeated;
    outcome.was_erased = !event.is(domain::EventType::subject_erased);
    const std::string_view stream = event.stream();
    if (stream.starts_with(kSubjectStream)) {
        outcome.subject = domain::subject_from_text(stream.substr(kSubjectStream.size()))
                              .value_or(domain::SubjectId{});
    }
    if (const auto* payload = event.payload_as<fb::SubjectErased>();
        payload != nullptr && !outcome.was_erased) {
        outcome.keys_destroyed = payload->keys_destroyed();
        outcome.raw_bodies_deleted = payload->raw_bodies_deleted();
    }
    return outcome;
}

domain::Decision<ErasureOutcome> answered(const Core& core, const ErasureWish& wish,
                                          const store::Answer& answer) {
    if (!answer) return tl::unexpected(rejection_of(answer.error()));
    auto outcome = outcome_of(core, *answer);
    if (!outcome) return tl::unexpected(failed(outcome.error()));
    outcome->has_key = wish.order.key.has_value();
    return std::move(*outcome);
}

/// Nobody has this name (any more): unless the same request was answered before, that is the end.
domain::Decision<ErasureOutcome> repeat_or_nobody(const Core& core, const ErasureWish& wish) {
    if (!wish.order.key) return tl::unexpected(not_found());
    std::vector<store::Submission> submissions(1);
    submissions[0].key = wish.order.key;
    submissions[0].request_hash = wish.order.request_hash;
    submissions[0].intent = {
        "erase_subject", {}, {}, [](domain::Histories) {
            return domain::Decision<domain::Events>(tl::unexpected(not_found()));
        }};
    return answered(
        core, wish,
        store::submit_and_wait(*core.ledger, kPartition, std::move(submissions)).front());
}

domain::Decision<void> finish_what_is_left(const Core& core, const store::ErasureHooks& hooks) {
    auto finished = core.erasures->finish(hooks);
    if (finished) return {};
    finished.error().retryable = true;
    return tl::unexpected(stopped(core, finished.error()));
}

domain::Decision<ErasureOutcome> look(const Core& core, const domain::SubjectId& subject,
                                      const store::ErasureHooks& hooks) {
    auto footprint = store::footprint_of(*core.ledger, *core.vault, subject, hooks);
    if (!footprint) return tl::unexpected(failed(footprint.error()));
    if (footprint->is_nobody()) return tl::unexpected(not_found());
    ErasureOutcome outcome;
    outcome.subject = subject;
    outcome.was_erased = footprint->erased && footprint->keys == 0;
    outcome.would_go = std::move(*footprint);
    return outcome;
}

}  // namespace

domain::Decision<void> check(const ErasureWish& wish) {
    const auto name = read_person(wish.person);
    if (!name) return tl::unexpected(name.error());
    if (wish.dry_run && wish.reason.empty()) return {};
    if (auto refusal = domain::refusal_of_reason(wish.reason, {}))
        return tl::unexpected(std::move(*refusal));
    for (const store::NativeSubject& native : name->natives) {
        if (auto refusal = domain::refusal_of_reason(wish.reason, native.native_id))
            return tl::unexpected(std::move(*refusal));
    }
    return {};
}

domain::Decision<ErasureOutcome> erase(const Core& core, const ErasureWish& wish,
                                       const ErasureProgress& progress) {
    const auto name = read_person(wish.person);
    if (!name) return tl::unexpected(name.error());
    const auto found = find_person(*core.vault, *name);
    if (!found) return tl::unexpected(failed(found.error()));
    if (!*found) return tl::unexpected(found->error());
    const std::optional<domain::SubjectId>& subject = **found;
    store::ErasureHooks hooks = core.erasures->hooks();
    hooks.progress = progress;
    if (!subject && !wish.dry_run) {
        // Perhaps this very request, come again since an erasure could not be finished.
        if (auto finished = finish_what_is_left(core, hooks); !finished)
            return tl::unexpected(std::move(finished).error());
    }
    if (!subject) return wish.dry_run ? tl::unexpected(not_found()) : repeat_or_nobody(core, wish);
    if (wish.dry_run) return look(core, *subject, hooks);

    const auto done = store::erase_subject(*core.ledger, *core.vault, *subject, wish.order, hooks);
    if (!done) return tl::unexpected(stopped(core, done.error()));
    core.erasures->take_stock({});
    if (!*done) return tl::unexpected(rejection_of(done->error()));
    const store::Receipt& receipt = (*done)->receipt;
    auto outcome = answered(core, wish, receipt);
    if (outcome && core.metrics != nullptr && receipt.outcome == store::Outcome::accepted)
        core.metrics->subject_erased(outcome->keys_destroyed, outcome->raw_bodies_deleted);
    return outcome;
}

void write_outcome(JsonWriter& json, const Core& core, const ErasureOutcome& outcome) {
    if (outcome.position) json.field("position", cursor_of(core, *outcome.position));
    json.field("subject", domain::to_text(outcome.subject));
    json.key("alreadyErased").boolean(outcome.was_erased);
    json.key("dryRun").boolean(outcome.would_go.has_value());
    if (outcome.would_go) {
        json.key("events").number(outcome.would_go->events);
        json.key("streams").number(outcome.would_go->streams);
        json.key("keys").number(outcome.would_go->keys);
        json.key("rawBodies").number(outcome.would_go->all_raw().size());
        return;
    }
    json.key("keys").number(outcome.keys_destroyed);
    json.key("rawBodies").number(outcome.raw_bodies_deleted);
    json.key("deduplicated").boolean(outcome.has_key);
}

}  // namespace decklog::api
