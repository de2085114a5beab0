#include "api/queries/params.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "api/queries/limits.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {

Params& Params::allow(std::initializer_list<std::span<const std::string_view>> lists) {
    const auto is_known = [&lists](std::string_view name) {
        return std::any_of(lists.begin(), lists.end(),
                           [name](std::span<const std::string_view> list) {
                               return std::find(list.begin(), list.end(), name) != list.end();
                           });
    };
    for (const auto& [name, value] : request_->query) {
        if (is_known(name)) continue;
        refuse({"unknown_parameter", "this route knows no such parameter", name.substr(0, 64), {}});
    }
    return *this;
}

void Params::refuse(domain::Rejection rejection) {
    if (!refusal_) refusal_ = std::move(rejection);
}

std::optional<std::string> Params::text(std::string_view name) {
    const auto values = request_->params(name);
    if (values.empty()) return std::nullopt;
    if (values.size() > 1)
        refuse({"repeated_parameter", "give this parameter once", std::string(name), 1});
    if (values.front().empty())
        refuse({"empty_parameter",
                "leave the parameter out, or give it a value",
                std::string(name),
                {}});
    return values.front();
}

std::vector<std::string> Params::texts(std::string_view name) {
    auto values = request_->params(name);
    if (values.size() > limits::kFilterValuesMax) {
        refuse({"too_many_values", "give fewer values of this filter", std::string(name),
                static_cast<std::int64_t>(limits::kFilterValuesMax)});
        values.clear();
    }
    if (std::any_of(values.begin(), values.end(),
                    [](const std::string& value) { return value.empty(); })) {
        refuse({"empty_parameter",
                "leave the parameter out, or give it a value",
                std::string(name),
                {}});
    }
    return values;
}

std::int64_t Params::whole_number(std::string_view name, std::int64_t otherwise, std::int64_t min,
                                  std::int64_t max) {
    const auto value = text(name);
    if (!value) return otherwise;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc{} || end != value->data() + value->size()) {
        refuse({"not_a_number", "give a whole number", std::string(name), {}});
        return otherwise;
    }
    if (number < min || number > max) {
        refuse({"out_of_range",
                "give a number from " + std::to_string(min) + " to " + std::to_string(max),
                std::string(name), number < min ? min : max});
        return otherwise;
    }
    return number;
}

std::optional<std::int64_t> Params::time_us(std::string_view name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    auto time = domain::parse_rfc3339(*value, name);
    if (!time) {
        refuse(time.error());
        return std::nullopt;
    }
    return *time;
}

std::optional<domain::Position> Params::position(std::string_view name) {
    const auto value = text(name);
    return value ? parse_position(*value, name) : std::nullopt;
}

std::optional<domain::Position> Params::parse_position(std::string_view value,
                                                       std::string_view name) {
    const domain::Positions positions = parse_positions(value, name);
    if (positions.size() == 1) return positions.front();
    if (!positions.empty()) refuse_cursor(domain::CursorError::malformed, name);
    return std::nullopt;
}

domain::Positions Params::positions(std::string_view name) {
    const auto value = text(name);
    return value ? parse_positions(*value, name) : domain::Positions{};
}

domain::Positions Params::parse_positions(std::string_view value, std::string_view name) {
    domain::ParsedCursorList parsed = domain::parse_cursor_list(value, core_->ledger->ledger_id());
    if (parsed.error) {
        refuse_cursor(*parsed.error, name);
    } else if (parsed.positions.back().partition >= core_->ledger->partitions()) {
        refuse_cursor(domain::CursorError::malformed, name);
    } else {
        return std::move(parsed.positions);
    }
    return {};
}

void Params::refuse_cursor(domain::CursorError error, std::string_view name) {
    if (error == domain::CursorError::other_ledger) {
        refuse({"other_ledger",
                "the cursor belongs to another ledger; begin without one",
                std::string(name),
                {}});
    } else {
        refuse({"cursor_malformed",
                "give a cursor as an answer gave it, or a position such as 0:12",
                std::string(name),
                {}});
    }
}

std::optional<LogPlace> Params::place(std::string_view name) {
    const auto value = text(name);
    if (!value) return std::nullopt;
    // A time has a `T` (or `t`) after its date; a cursor is digits, a dot, colons and commas.
    if (value->find_first_of("Tt") != std::string::npos) {
        const auto time = time_us(name);
        return time ? std::optional<LogPlace>(*time) : std::nullopt;
    }
    domain::Positions at = parse_positions(*value, name);
    return at.empty() ? std::nullopt : std::optional<LogPlace>(std::move(at));
}

void Params::must_be_reached(const std::optional<domain::Position>& position,
                             std::string_view name) {
    if (!position || position->ordinal < core_->ledger->head(position->partition).next_ordinal)
        return;
    refuse({"beyond_the_log",
            "the log does not reach this position; take one that it has",
            std::string(name),
            {}});
}

void Params::must_be_reached(const domain::Positions& positions, std::string_view name) {
    for (const domain::Position& position : positions) must_be_reached(position, name);
}

std::string_view Params::word(std::string_view name, std::span<const std::string_view> words) {
    const auto value = text(name);
    if (!value) return words.front();
    const auto found = std::find(words.begin(), words.end(), *value);
    if (found != words.end()) return *found;
    std::string message = "give one of";
    for (const std::string_view word : words) message.append(" ").append(word);
    refuse({"unknown_word", std::move(message), std::string(name), {}});
    return words.front();
}

}  // namespace decklog::api
