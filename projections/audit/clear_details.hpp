// The details of an audit action that stand in the clear, read as SQL's `->>` would read them from
// the JSON that came: a string without its quotes and escapes, a number, boolean, object or array
// as it was written, `null` as missing. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/event.hpp"

namespace decklog::projections::audit {

/// The text of one JSON token. `missing`: null. `malformed`: not a JSON token.
struct DetailText {
    enum class Kind { text, missing, malformed };
    Kind kind = Kind::missing;
    std::string text{};
};
[[nodiscard]] DetailText sql_text(std::string_view token);

/// Details that the audit view counts by; empty: missing, null or the empty string.
struct CountedDetails {
    std::string stage;
    std::string outcome;
    std::string escalation_reason_code;
    std::string decision_reason;
};
/// nullopt: a token that is not JSON. Of a path that stands twice the last one counts, as in SQL.
[[nodiscard]] std::optional<CountedDetails> counted_details(const fb::AuditActionRecorded& action);

/// Why an AI decision was escalated: escalationReasonCode, else decision.reason, else `unknown`.
/// nullopt: it was not, that is, the reason does not begin with `escalate_` and the outcome is not
/// `escalate`.
[[nodiscard]] std::optional<std::string> escalation_reason(const CountedDetails& details);

}  // namespace decklog::projections::audit
