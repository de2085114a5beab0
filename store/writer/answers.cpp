#include "store/writer/answers.hpp"

namespace decklog::store {
namespace {

std::string_view message_of(Refused kind) {
    switch (kind) {
        case Refused::rejected:
            return "refused";
        case Refused::idempotency_conflict:
            return "this key was used for another request; use a new one";
        case Refused::version_conflict:
            return "the stream has moved on; read it again";
        case Refused::queue_full:
            return "too many writes are waiting; try again";
        case Refused::disk_low:
            return "the disk is nearly full; free space and try again";
        case Refused::read_only:
            return "the vault of this ledger is missing; bring it back and restart";
        case Refused::moved:
            return "this ledger was moved (decklog copy); ask where it goes on";
        case Refused::clock_refused:
            return "the clock of this machine jumped; set it right and restart";
        case Refused::outcome_unknown:
            return "the storage failed and the outcome is unknown; repeat with the same key after "
                   "a restart";
        case Refused::not_owner:
            return "another node writes this partition; try again";
        case Refused::stopping:
            return "the service is stopping; try again";
    }
    return "refused";
}

}  // namespace

std::string_view word_of(Refused kind) {
    switch (kind) {
        case Refused::rejected:
            return "rejected";
        case Refused::idempotency_conflict:
            return "idempotency_conflict";
        case Refused::version_conflict:
            return "version_conflict";
        case Refused::queue_full:
            return "queue_full";
        case Refused::disk_low:
            return "disk_low";
        case Refused::clock_refused:
            return "clock_refused";
        case Refused::read_only:
            return "read_only";
        case Refused::moved:
            return "ledger_moved";
        case Refused::outcome_unknown:
            return "outcome_unknown";
        case Refused::not_owner:
            return "not_owner";
        case Refused::stopping:
            return "stopping";
    }
    return "rejected";
}

std::optional<Refused> refusal_of_new(WriterState state) {
    switch (state) {
        case WriterState::disk_low:
            return Refused::disk_low;
        case WriterState::clock_refused:
            return Refused::clock_refused;
        case WriterState::failed:
            return Refused::outcome_unknown;
        case WriterState::stopping:
            return Refused::stopping;
        case WriterState::read_only:
            return Refused::read_only;
        case WriterState::ready:
            return std::nullopt;
    }
    return std::nullopt;
}

Refusal plain_refusal(Refused kind) {
    return {kind, {std::string(word_of(kind)), std::string(message_of(kind))}};
}

std::string_view word_of(const Answer& answer) {
    if (!answer) return word_of(answer.error().kind);
    switch (answer->outcome) {
        case Outcome::accepted:
            return "accepted";
        case Outcome::noted:
            return "noted";
        case Outcome::repeated:
            return "repeated";
    }
    return "accepted";
}

}  // namespace decklog::store
