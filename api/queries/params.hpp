// The query parameters of one request. A route names the parameters it knows; an unknown one, a
// malformed value and a value out of range are 400 naming the field, because a filter that is
// silently ignored answers another question. The first refusal is kept; values read after it are
// defaults. One thread at a time.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/app.hpp"
#include "api/http.hpp"
#include "domain/cursor.hpp"
#include "domain/result.hpp"

namespace decklog::api {

/// A place in the log's order: a position in one partition or in several, or a time by recorded_at.
using LogPlace = std::variant<domain::Positions, std::int64_t>;

class Params {
  public:
    /// Request and core outlive the params.
    Params(const Request& request, const Core& core) : request_(&request), core_(&core) {}

    /// Refuses every parameter that is not in one of the lists.
    Params& allow(std::initializer_list<std::span<const std::string_view>> lists);

    [[nodiscard]] std::optional<std::string> text(std::string_view name);
    /// All values; empty ones are refused, and so are more than kFilterValuesMax.
    [[nodiscard]] std::vector<std::string> texts(std::string_view name);
    [[nodiscard]] std::int64_t whole_number(std::string_view name, std::int64_t otherwise,
                                            std::int64_t min, std::int64_t max);
    [[nodiscard]] std::optional<std::int64_t> time_us(std::string_view name);
    /// A cursor of this ledger or a bare `0:12`. 409 other_ledger for one of another ledger.
    [[nodiscard]] std::optional<domain::Position> position(std::string_view name);
    /// A place in the whole ledger: a cursor of one position or of several. Empty: absent, or
    /// refused.
    [[nodiscard]] domain::Positions positions(std::string_view name);
    /// A cursor, a bare position, a list of either, or an RFC 3339 time.
    [[nodiscard]] std::optional<LogPlace> place(std::string_view name);
    [[nodiscard]] std::optional<domain::Position> parse_position(std::string_view value,
                                                                 std::string_view name);
    /// Empty: refused.
    [[nodiscard]] domain::Positions parse_positions(std::string_view value, std::string_view name);
    /// Refuses a position that no event has yet (`beyond_the_log`): an answer about it would be one
    /// about the end of the log and not say so.
    void must_be_reached(const std::optional<domain::Position>& position, std::string_view name);
    void must_be_reached(const domain::Positions& positions, std::string_view name);
    /// One of the words; the first when absent.
    [[nodiscard]] std::string_view word(std::string_view name,
                                        std::span<const std::string_view> words);

    void refuse(domain::Rejection rejection);
    [[nodiscard]] const std::optional<domain::Rejection>& refusal() const { return refusal_; }
    [[nodiscard]] const Request& request() const { return *request_; }
    [[nodiscard]] const Core& core() const { return *core_; }

  private:
    void refuse_cursor(domain::CursorError error, std::string_view name);
    const Request* request_;
    const Core* core_;
    std::optional<domain::Rejection> refusal_;
};

}  // namespace decklog::api
