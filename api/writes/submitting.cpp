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

/// Seals what is to be sealed; one vault commit for all new subjects. What it returns is kept until
/// the ledger has answered.
domain::Result<std::shared_ptr<const void>> seal_all(store::Vault& vault,
                                                     std::vector<CheckedWrite>& writes) {
    std::vector<store::NativeSubject> natives;
    std::vector<Write*> sealing;
    for (CheckedWrite& write : writes) {
        if (!write || !write->sealing) continue;
        natives.push_back(write->sealing->subject);
        sealing.push_back(&*write);
    }
    if (natives.empty()) return std::shared_ptr<const void>{};
    auto subjects = vault.subjects_for(natives);
    if (!subjects) return tl::unexpected(std::move(subjects.error()));
    for (std::size_t i = 0; i < sealing.size(); ++i) {
        const domain::Bytes plain = domain::encode_payload(sealing[i]->sealing->personal);
        auto sealed = vault.seal((*subjects)[i], plain);
        if (!sealed) return tl::unexpected(std::move(sealed.error()));
        sealing[i]->event.sealed = std::move(*sealed);
        sealing[i]->event.subject = (*subjects)[i];
    }
    return std::move(subjects->in_use);
}

/// Nobody new goes into the vault for a ledger that takes nothing new. Whoever repeats what is in
/// has all its people there.
std::optional<store::Refused> refuses_new_people(const Core& core,
                                                 const std::vector<CheckedWrite>& writes) {
    const auto refused = store::refusal_of_new(core.ledger->state());
    if (!refused) return std::nullopt;
    const bool brings_somebody = std::any_of(writes.begin(), writes.end(), [&](const auto& write) {
        if (!write || !write->sealing) return false;
        const auto known = core.vault->find_subject(write->sealing->subject);
        return !known || !*known;
    });
    return brings_somebody ? refused : std::nullopt;
}

store::Submission submission(const store::Vault& vault, std::string_view source, Write& write) {
    store::Submission out;
    if (write.key) {
        out.key = store::command_key(vault, write.event.workspace, source, *write.key);
        out.request_hash = store::request_hash(vault, write.command, write.event.stream,
                                               write.expected_text, write.canonical);
    }
    out.expected = write.expected;
    out.intent = domain::fact(write.command, std::move(write.event));
    return out;
}

/// Refusals that say nothing of the item: the whole request is answered with them.
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
    std::function<void(FilingResult)> done;

    void complete(std::vector<store::Answer> answers) {
        for (std::size_t i = 0; i < answers.size(); ++i) {
            Filed& filed = results[submitted[i]];
            if (answers[i]) {
                filed.receipt = std::move(*answers[i]);
                count(metrics, filed);
            } else if (concerns_the_ledger(answers[i].error().kind)) {
                done(tl::unexpected(FilingFailed{rejection_of(answers[i].error())}));
                return;
            } else {
                filed.refused = rejection_of(answers[i].error());
            }
        }
        done(std::move(results));
    }
};

}  // namespace

void file(const Core& core, std::string_view source, std::vector<CheckedWrite> writes,
          std::function<void(FilingResult)> done) {
    if (const auto refused = refuses_new_people(core, writes)) {
        done(tl::unexpected(FilingFailed{rejection_of(store::plain_refusal(*refused))}));
        return;
    }
    auto sealed = seal_all(*core.vault, writes);
    if (!sealed) {
        store::log_error("http", {}, "nothing can be sealed: {}", sealed.error().context);
        done(tl::unexpected(FilingFailed{
            {"vault_unavailable", "nothing can be sealed now; ask again later", {}, {}}}));
        return;
    }
    const auto filing = std::make_shared<Filing>();
    filing->metrics = core.metrics;
    filing->done = std::move(done);
    std::vector<store::Submission> submissions;
    for (CheckedWrite& write : writes) {
        Filed filed;
        if (write && write->held) {
            filed.receipt = std::move(*write->held);
        } else if (write) {
            filed.own_id = write->own_id;
            filed.has_key = write->key.has_value();
            filed.audited_by = audited_by(write->event);
            filing->submitted.push_back(filing->results.size());
            submissions.push_back(
                submission(*core.vault, write->source.empty() ? source : write->source, *write));
        } else {
            filed.refused = std::move(write.error());
        }
        filing->results.push_back(std::move(filed));
    }
    if (submissions.empty()) {
        filing->done(std::move(filing->results));
        return;
    }
    core.ledger->submit(kPartition, std::move(submissions),
                        [filing, in_use = std::move(*sealed)](std::vector<store::Answer> answers) {
                            filing->complete(std::move(answers));
                        });
}

}  // namespace decklog::api
