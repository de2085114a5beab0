#include "projections/audit/clear_details.hpp"

#include <boost/json/parse.hpp>
#include <boost/system/error_code.hpp>

namespace decklog::projections::audit {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
constexpr std::string_view kEscalate = "escalate";
constexpr std::string_view kEscalatePrefix = "escalate_";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::string_view view(const flatbuffers::String* text) {
    return text == nullptr ? std::string_view{} : std::string_view{text->c_str(), text->size()};
}

}  // namespace

DetailText sql_text(std::string_view token) {
    using Kind = DetailText::Kind;
    const std::string_view text = trimmed(token);
    if (text == "null") return {Kind::missing};
    boost::system::error_code error;
    const boost::json::value value = boost::json::parse(text, error);
    if (error) return {Kind::malformed};
    if (const auto* string = value.if_string())
        return {Kind::text, std::string(string->data(), string->size())};
    return {Kind::text, std::string(text)};
}

std::optional<CountedDetails> counted_details(const fb::AuditActionRecorded& action) {
    CountedDetails details;
    if (action.known() == nullptr) return details;
    for (const fb::ClearDetail* known : *action.known()) {
        const std::string_view path = view(known->path());
        std::string* field = path == "stage"                  ? &details.stage
                             : path == "outcome"              ? &details.outcome
                             : path == "escalationReasonCode" ? &details.escalation_reason_code
                             : path == "decision.reason"      ? &details.decision_reason
                                                              : nullptr;
        if (field == nullptr) continue;
        DetailText read = sql_text(view(known->value()));
        if (read.kind == DetailText::Kind::malformed) return std::nullopt;
        *field = std::move(read.text);
    }
    return details;
}

std::optional<std::string> escalation_reason(const CountedDetails& details) {
    const std::string& code = details.escalation_reason_code;
    const std::string& reason = code.empty() ? details.decision_reason : code;
    const bool named = reason.compare(0, kEscalatePrefix.size(), kEscalatePrefix) == 0;
    if (!named && details.outcome != kEscalate) return std::nullopt;
    return reason.empty() ? std::string("unknown") : reason;
}

}  // namespace decklog::projections::audit
