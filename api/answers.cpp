#include "api/answers.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "domain/cursor.hpp"
#include "domain/time_text.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

struct CodeStatus {
    std::string_view code;
    int status;
};

constexpr std::array kStatuses{
    CodeStatus{"event_too_large", 413},
    CodeStatus{"too_many_items", 413},
    CodeStatus{"line_too_long", 413},
    CodeStatus{"body_too_large", 413},
    CodeStatus{"reserved_type", 403},
    CodeStatus{"reserved_stream", 403},
    CodeStatus{"account_mismatch", 403},
    CodeStatus{"not_found", 404},
    CodeStatus{"idempotency_conflict", 409},
    CodeStatus{"version_conflict", 409},
    CodeStatus{"already_created", 409},
    CodeStatus{"other_ledger", 409},
    CodeStatus{"unsupported_media_type", 415},
    CodeStatus{"queue_full", 503},
    CodeStatus{"disk_low", 503},
    CodeStatus{"clock_refused", 503},
    CodeStatus{"read_only", 503},
    CodeStatus{"outcome_unknown", 503},
    CodeStatus{"stopping", 503},
    CodeStatus{"vault_unavailable", 503},
    CodeStatus{"not_reached", 504},
    CodeStatus{"erasure_unfinished", 503},
    CodeStatus{"erasure_failed", 500},
    CodeStatus{"not_owner", 503},
    CodeStatus{"ledger_moved", 503},
    CodeStatus{"already_created", 409},
    CodeStatus{"not_promoted", 409},
    CodeStatus{"gate_failed", 409},
    CodeStatus{"missing_platforms", 409},
    CodeStatus{"rollout_finished", 409},
    CodeStatus{"verdict_stands", 409},
    CodeStatus{"check_open", 409},
    CodeStatus{"out_of_order", 409},
    CodeStatus{"run_finished", 409},
};

constexpr std::string_view kRetryAfterSeconds = "1";

Answer with_retry(Answer answer) {
    if (answer.status == 503) answer.headers.emplace_back("Retry-After", kRetryAfterSeconds);
    return answer;
}

}  // namespace

int status_of(const domain::Rejection& rejection) {
    for (const CodeStatus& row : kStatuses) {
        if (row.code == rejection.code) return row.status;
    }
    return 400;
}

Answer answer_of(const domain::Rejection& rejection) {
    return with_retry(error_answer(status_of(rejection), rejection.code, rejection.message,
                                   rejection.field, rejection.limit));
}

Answer answer_of(const domain::Error& error) {
    using domain::ErrorCode;
    switch (error.code) {
        case ErrorCode::not_found:
            return error_answer(404, "not_found", "there is nothing by this name");
        case ErrorCode::other_ledger:
            return error_answer(409, "other_ledger", "the cursor belongs to another ledger");
        case ErrorCode::invalid_argument:
            return error_answer(400, "invalid_argument", "the request asks for the impossible");
        case ErrorCode::stopped:
            return with_retry(error_answer(503, "stopping", "the server is stopping; ask again"));
        case ErrorCode::io:
            if (!error.retryable) break;
            return with_retry(error_answer(503, "storage_unavailable",
                                           "the files of the views are opened again; ask again"));
        case ErrorCode::corrupt:
        case ErrorCode::disk_full:
        case ErrorCode::locked:
        case ErrorCode::other_format:
        case ErrorCode::erased:
            break;
    }
    store::log_error("http", {}, "a request failed inside: {}", error.context);
    return error_answer(500, "internal_error", "the server failed to answer; its log says why");
}

domain::Rejection rejection_of(const store::Refusal& refusal) {
    using store::Refused;
    switch (refusal.kind) {
        case Refused::rejected:
            return refusal.rejection;
        case Refused::idempotency_conflict:
            return {"idempotency_conflict",
                    "this key was used before with another content; take a new key",
                    {},
                    {}};
        case Refused::version_conflict:
            return {"version_conflict",
                    "the stream is not at the expected version; read it and decide again",
                    "expectedversion",
                    {}};
        case Refused::queue_full:
            return {"queue_full", "too many writes are waiting; repeat with the same key", {}, {}};
        case Refused::disk_low:
            return {"disk_low", "the disk is nearly full; nothing was written", {}, {}};
        case Refused::clock_refused:
            return {"clock_refused",
                    "the clock has stepped; nothing is taken in until an operator accepts it",
                    {},
                    {}};
        case Refused::read_only:
            return {"read_only",
                    "the vault of this ledger is missing; bring it back and restart",
                    {},
                    {}};
        case Refused::moved:
            return {"ledger_moved",
                    "this ledger was moved and takes nothing any more; its last event says where "
                    "to",
                    {},
                    {}};
        case Refused::outcome_unknown:
            return refusal.rejection;
        case Refused::not_owner:
            return {"not_owner", "another node writes this; repeat with the same key", {}, {}};
        case Refused::stopping:
            return {"stopping", "the server is stopping; repeat with the same key", {}, {}};
    }
    return refusal.rejection;
}

Answer answer_of(const store::Refusal& refusal) { return answer_of(rejection_of(refusal)); }

std::optional<Answer> refusal_while_disk_low(const Core& core) {
    if (core.ledger->state() != store::WriterState::disk_low) return std::nullopt;
    return answer_of(store::Refusal{store::Refused::disk_low, {}});
}

Answer json_answer(std::string body, int status) {
    Answer answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
}

std::int64_t answer_time_us(const Core& core) {
    std::int64_t recorded_at_us = 0;
    for (std::uint32_t partition = 0; partition < core.ledger->partitions(); ++partition)
        recorded_at_us = std::max(recorded_at_us, core.ledger->head(partition).recorded_at_us);
    return core.answer_clock->time_us(core.clock->now_us(), recorded_at_us);
}

void write_as_of(JsonWriter& json, const Core& core, std::uint64_t next_ordinal) {
    write_as_of(json, core, next_ordinal, answer_time_us(core));
}

void write_as_of(JsonWriter& json, const Core& core, std::uint64_t next_ordinal,
                 std::int64_t time_us) {
    write_as_of(json, core, std::span(&next_ordinal, 1), time_us);
}

void write_as_of(JsonWriter& json, const Core& core, std::span<const std::uint64_t> next_ordinals) {
    write_as_of(json, core, next_ordinals, answer_time_us(core));
}

void write_as_of(JsonWriter& json, const Core& core, std::span<const std::uint64_t> next_ordinals,
                 std::int64_t time_us) {
    domain::Positions place;
    for (std::uint32_t partition = 0; partition < next_ordinals.size(); ++partition) {
        const std::uint64_t next = next_ordinals[partition];
        if (next > 0) place.push_back({partition, next - 1});
    }
    json.key("asOf").begin_object().key("position");
    if (place.empty()) {
        json.null();
    } else {
        json.text(cursor_of(core, place));
    }
    json.field("time", domain::to_rfc3339(time_us)).end_object();
}

std::vector<std::uint64_t> heads_of(const Core& core) {
    std::vector<std::uint64_t> next;
    for (std::uint32_t partition = 0; partition < core.ledger->partitions(); ++partition)
        next.push_back(core.ledger->head(partition).next_ordinal);
    return next;
}

std::string cursor_of(const Core& core, domain::Position position) {
    return domain::to_cursor(core.ledger->ledger_id(), position);
}

std::string cursor_of(const Core& core, std::span<const domain::Position> place) {
    return domain::to_cursor(core.ledger->ledger_id(), place);
}

}  // namespace decklog::api
