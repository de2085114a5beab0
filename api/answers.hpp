// The one table from what the rooms below say to what HTTP says: refusals of the ledger, rejections
// of rules, errors of operations, and `asOf`. Codes are stable words of the API; texts say what to
// do and never repeat a refused value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/app.hpp"
#include "api/http.hpp"
#include "api/json_writer.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

/// HTTP status of a rejection's code; 400 unless the table names another.
[[nodiscard]] int status_of(const domain::Rejection& rejection);
[[nodiscard]] Answer answer_of(const domain::Rejection& rejection);
/// What a client is told of a failed operation; the context is for the log, since it may name
/// files.
[[nodiscard]] Answer answer_of(const domain::Error& error);

/// A refusal of the ledger as the rejection a client sees.
[[nodiscard]] domain::Rejection rejection_of(const store::Refusal& refusal);
/// Overload and faults carry Retry-After.
[[nodiscard]] Answer answer_of(const store::Refusal& refusal);

/// Work that takes room on the disk is not begun while there is little: 503 disk_low.
[[nodiscard]] std::optional<Answer> refusal_while_disk_low(const Core& core);

[[nodiscard]] Answer json_answer(std::string body, int status = 200);

/// `"asOf": {position, time}`. Position: the last event of partition 0 that the answer reflects
/// (`next_ordinal` - 1), null when none. Time: the writers' clock, which never goes back.
void write_as_of(JsonWriter& json, const Core& core, std::uint64_t next_ordinal);
/// The same with a time that the answer was computed for.
void write_as_of(JsonWriter& json, const Core& core, std::uint64_t next_ordinal,
                 std::int64_t time_us);
[[nodiscard]] std::int64_t answer_time_us(const Core& core);

/// `"asOf"` of an answer about the whole ledger: what it reflects of each partition, by partition.
void write_as_of(JsonWriter& json, const Core& core, std::span<const std::uint64_t> next_ordinals);
void write_as_of(JsonWriter& json, const Core& core, std::span<const std::uint64_t> next_ordinals,
                 std::int64_t time_us);
/// The next ordinal of every partition, by partition.
[[nodiscard]] std::vector<std::uint64_t> heads_of(const Core& core);

/// Cursor text of a position in this ledger.
[[nodiscard]] std::string cursor_of(const Core& core, domain::Position position);
/// Of a place in several partitions, none twice, ascending; not empty.
[[nodiscard]] std::string cursor_of(const Core& core, std::span<const domain::Position> place);

}  // namespace decklog::api
