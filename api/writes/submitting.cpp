#include "api/writes/submitting.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "api/answers.hpp"
#include "api/metrics.hpp"
#include "domain/fact.hpp"
#include "domain/payload.hpp"
#include "store/log.hpp"
#include "store/writer/answers.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;

void refuse(Filed& filed, domain::Rejection why) {
    filed.refused = std::move(why);
    filed.is_ledgers_refusal = true;
}

void refuse_unsealable(Filed& filed, const domain::Error& error) {
    store::log_error("http", {}, "nothing can be sealed: {}", error.context);
    refuse(filed, {"vault_unavailable", "nothing can be sealed now; ask again later", {}, {}});
}

/// Nobody new goes into the vault for a ledger that takes nothing new. Whoever repeats what is in
/// has all its people there.
void refuse_new_people(const Core& core, const std::vector<CheckedWrite>& writes,
                       std::vector<Filed>& results) {
    const auto refused = store::refusal_of_new(core.ledger->state());
    if (!refused) return;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        if (results[i].refused || !writes[i]->sealing) continue;
        const auto known = core.vault->find_subject(writes[i]->sealing->subject);
        if (!known || !*known) refuse(results[i], rejection_of(store::plain_refusal(*refused)));
    }
}

/// Under which key it stands, or will.
store::Submission keyed(const store::Vault& vault, std::string_view door, const Write& write) {
    store::Submission out;
    const std::string_view source = write.source.empty() ? door : write.source;
    if (write.key) {
        out.key = store::command_key(vault, write.event.workspace, source, *write.key);
        out.request_hash = store::request_hash(vault, write.command, write.event.stream,
                                               write.expected_text, write.canonical);
    }
    out.expected = write.expected;
    return out;
}

/// A repeat is answered by its key and makes nobody new.
void leave_out_repeats(const Core& core, std::string_view door, std::vector<CheckedWrite>& writes,
                       std::vector<Filed>& results) {
    for (std::size_t i = 0; i < writes.size(); ++i) {
        CheckedWrite& write = writes[i];
        if (results[i].refused || !write->sealing || !write->key) continue;
        const auto repeats = core.ledger->adds_nothing(keyed(*core.vault, door, *write));
        if (!repeats) {
            refuse_unsealable(results[i], repeats.error());
            continue;
        }
        write->is_repeat = *repeats;
        if (*repeats) write->sealing.reset();
    }
}

std::vector<store::NativeSubject> natives_to_seal(const std::vector<CheckedWrite>& writes,
                                                  const std::vector<Filed>& results) {
    std::vector<store::NativeSubject> natives;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        if (!results[i].refused && writes[i]->sealing)
            natives.push_back(writes[i]->sealing->subject);
    }
    return natives;
}

/// Of everything that is still to be sealed, in order; one vault commit for all new ones. Whether
/// something is a repeat matters only when somebody would be new.
domain::Result<store::Subjects> subjects_of(const Core& core, std::string_view door,
                                            std::vector<CheckedWrite>& writes,
                                            std::vector<Filed>& results) {
    auto known = core.vault->known_subjects(natives_to_seal(writes, results));
    if (known && *known) return std::move(**known);
    if (known) leave_out_repeats(core, door, writes, results);
    refuse_new_people(core, writes, results);
    if (!known) return tl::unexpected(std::move(known).error());
    return core.vault->subjects_for(natives_to_seal(writes, results));
}

domain::Result<void> seal(store::Vault& vault, const domain::SubjectId& subject, Write& write) {
    auto sealed = vault.seal(subject, domain::encode_payload(write.sealing->personal));
    if (!sealed) return tl::unexpected(std::move(sealed).error());
    write.event.sealed = std::move(*sealed);
    write.event.subject = subject;
    return {};
}

/// What cannot be sealed does not go on. What it returns is kept until the ledger has answered.
std::shared_ptr<const void> seal_all(const Core& core, std::string_view door,
                                     std::vector<CheckedWrite>& writes,
                                     std::vector<Filed>& results) {
    auto subjects = subjects_of(core, door, writes, results);
    std::size_t next = 0;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        if (results[i].refused || !writes[i]->sealing) continue;
        const auto sealed = subjects ? seal(*core.vault, (*subjects)[next++], *writes[i])
                                     : domain::Result<void>(tl::unexpected(subjects.error()));
        if (!sealed) refuse_unsealable(results[i], sealed.error());
    }
    return subjects ? std::move(subjects->in_use) : nullptr;
}

store::Submission submission(const store::Vault& vault, std::string_view door, Write& write) {
    store::Submission out = keyed(vault, door, write);
    out.intent = write.is_repeat ? store::repeat_intent(write.command)
                                 : domain::fact(write.command, std::move(write.event));
    return out;
}

/// Refusals that say nothing of the item.
bool concerns_the_ledger(store::Refused kind) {
    using store::Refused;
    return kind != Refused::rejected && kind != Refused::idempotency_conflict &&
           kind != Refused::version_conflict;
}

std::optional<AuditedBy> audited_by(const domain::NewEvent& event) {
    if (event.type != domain::EventType::audit_action_recorded) return std::nullopt;
    return AuditedBy{!event.platform.empty(), !event.actor.id.empty(), !event.conversation.empty()};
}

void count(Metrics* metrics, const Filed& filed) {
    if (metrics == nullptr || !filed.audited_by || filed.is_repeat()) return;
    metrics->audit_action(filed.audited_by->platform, filed.audited_by->agent,
                          filed.audited_by->conversation);
}

/// The writes of one request, waiting for the writer.
struct Filing {
    Metrics* metrics = nullptr;
    std::vector<Filed> results;
    std::vector<std::size_t> submitted;  // their places in `results`
    std::function<void(std::vector<Filed>)> done;

    void complete(std::vector<store::Answer> answers) {
        for (std::size_t i = 0; i < answers.size(); ++i) {
            Filed& filed = results[submitted[i]];
            if (answers[i]) {
                filed.receipt = std::move(*answers[i]);
                count(metrics, filed);
            } else {
                filed.refused = rejection_of(answers[i].error());
                filed.is_ledgers_refusal = concerns_the_ledger(answers[i].error().kind);
            }
        }
        done(std::move(results));
    }
};

/// What is known before the ledger is asked.
std::vector<Filed> first_results(const std::vector<CheckedWrite>& writes) {
    std::vector<Filed> results(writes.size());
    for (std::size_t i = 0; i < writes.size(); ++i) {
        const CheckedWrite& write = writes[i];
        if (!write) {
            results[i].refused = write.error();
        } else if (write->held) {
            results[i].receipt = *write->held;
        } else {
            results[i].own_id = write->own_id;
            results[i].has_key = write->key.has_value();
            results[i].audited_by = audited_by(write->event);
        }
    }
    return results;
}

void refuse_behind_a_refusal(std::vector<Filed>& results) {
    const auto first = std::find_if(results.begin(), results.end(),
                                    [](const Filed& filed) { return filed.is_ledgers_refusal; });
    for (auto filed = first; filed != results.end(); ++filed) {
        if (!filed->refused) refuse(*filed, *first->refused);
    }
}

}  // namespace

void file(const Core& core, std::string_view source, std::vector<CheckedWrite> writes,
          BehindARefusal behind, std::function<void(std::vector<Filed>)> done) {
    const auto filing = std::make_shared<Filing>();
    filing->metrics = core.metrics;
    filing->done = std::move(done);
    filing->results = first_results(writes);
    auto in_use = seal_all(core, source, writes, filing->results);
    if (behind == BehindARefusal::are_refused) refuse_behind_a_refusal(filing->results);
    std::vector<store::Submission> submissions;
    for (std::size_t i = 0; i < writes.size(); ++i) {
        if (filing->results[i].refused || writes[i]->held) continue;
        filing->submitted.push_back(i);
        submissions.push_back(submission(*core.vault, source, *writes[i]));
    }
    if (submissions.empty()) {
        filing->done(std::move(filing->results));
        return;
    }
    core.ledger->submit(kPartition, std::move(submissions),
                        [filing, in_use = std::move(in_use)](std::vector<store::Answer> answers) {
                            filing->complete(std::move(answers));
                        });
}

}  // namespace decklog::api
