// One erasure from the request's fields to its answer: whom it means, what would go (dry run), or
// the work of store/erasure.hpp. What it answers is rebuilt from the commit, so that a repeat under
// the same key says the same. Blocks for as long as the log is long: a job's thread.
#pragma once

#include <optional>
#include <string>

#include "api/app.hpp"
#include "api/json_writer.hpp"
#include "domain/result.hpp"
#include "store/erasure.hpp"

namespace decklog::api {

struct ErasureWish {
    std::string person;
    std::string reason;
    bool dry_run = false;
    store::ErasureOrder order{};  // by whom; under which key
};

struct ErasureOutcome {
    domain::SubjectId subject{};
    std::optional<store::Footprint> would_go{};  // dry run
    std::optional<domain::Position> position{};  // of the commit
    std::uint32_t keys_destroyed = 0;
    std::uint32_t raw_bodies_deleted = 0;
    bool was_erased = false;  // before, by another request
    bool has_key = false;
    bool is_repeat = false;  // of this request
};

/// Rejections: invalid_person, ambiguous_person, invalid_reason, native_id_in_reason (a dry run
/// needs no reason).
[[nodiscard]] domain::Decision<void> check(const ErasureWish& wish);

/// done, total: ordinals of the log.
using ErasureProgress = std::function<void(std::uint64_t, std::uint64_t)>;

/// Rejections besides: not_found, those of the ledger; erasure_unfinished: repeat the request (the
/// message names the subjects, and what or which place could not be reached).
[[nodiscard]] domain::Decision<ErasureOutcome> erase(const Core& core, const ErasureWish& wish,
                                                     const ErasureProgress& progress);

/// Its members, into an object that is open.
void write_outcome(JsonWriter& json, const Core& core, const ErasureOutcome& outcome);

}  // namespace decklog::api
