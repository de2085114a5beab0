#include "tools/decklog/gate_batches.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "tools/decklog/limits.hpp"
#include "tools/decklog/line_reader.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

constexpr std::size_t kColumns = 4;
constexpr std::array<std::string_view, kColumns> kNames{"canary_units", "canary_errors",
                                                        "baseline_units", "baseline_errors"};
using Order = std::array<std::size_t, kColumns>;  // which count stands in which column

tl::unexpected<domain::Error> bad_line(std::uint64_t number, const std::string& text) {
    return domain::fail(domain::ErrorCode::invalid_argument,
                        "line " + std::to_string(number) + ": " + text);
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t";
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    while (true) {
        const auto comma = line.find(',');
        fields.push_back(trimmed(line.substr(0, comma)));
        if (comma == std::string_view::npos) return fields;
        line.remove_prefix(comma + 1);
    }
}

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

domain::Result<Order> order_of(std::uint64_t line, const std::vector<std::string_view>& fields) {
    Order order{};
    for (std::size_t column = 0; column < kColumns; ++column) {
        const auto name = std::find(kNames.begin(), kNames.end(), fields[column]);
        if (name == kNames.end())
            return bad_line(line, "'" + printable(fields[column]) +
                                      "' is neither a count nor a column's name (canary_units, "
                                      "canary_errors, baseline_units, baseline_errors)");
        order[column] = static_cast<std::size_t>(name - kNames.begin());
        if (std::find(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(column),
                      fields[column]) != fields.begin() + static_cast<std::ptrdiff_t>(column))
            return bad_line(line, "column " + std::string(fields[column]) + " is there twice");
    }
    return order;
}

domain::Result<std::uint64_t> count_of(std::uint64_t line, std::string_view name,
                                       std::string_view text) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (!is_number(text))
        return bad_line(
            line, std::string(name) + " must be a whole number, not '" + printable(text) + "'");
    if (error != std::errc{} || count > kBatchUnitsMax)
        return bad_line(line, std::string(name) + " is above " + std::to_string(kBatchUnitsMax));
    return count;
}

domain::Result<BatchRow> row_of(std::uint64_t line, const std::vector<std::string_view>& fields,
                                const Order& order) {
    std::array<std::uint64_t, kColumns> counts{};
    for (std::size_t column = 0; column < kColumns; ++column) {
        const auto count = count_of(line, kNames[order[column]], fields[column]);
        if (!count) return tl::unexpected(count.error());
        counts[order[column]] = *count;
    }
    const BatchRow row{counts[0], counts[1], counts[2], counts[3]};
    if (row.canary_errors > row.canary_units)
        return bad_line(line, "canary_errors is more than canary_units");
    if (row.baseline_errors > row.baseline_units)
        return bad_line(line, "baseline_errors is more than baseline_units");
    return row;
}

}  // namespace

domain::Result<std::vector<BatchRow>> read_batches(const std::string& file) {
    auto lines = LineReader::open(file, kBatchLineBytesMax);
    if (!lines) return tl::unexpected(lines.error());
    std::vector<BatchRow> rows;
    Order order{0, 1, 2, 3};
    bool is_first = true;
    while (true) {
        const auto line = lines->next();
        if (!line) return tl::unexpected(line.error());
        if (!*line) break;
        if ((*line)->is_too_long) return bad_line((*line)->number, "is too long");
        const std::string_view text = trimmed((*line)->text);
        if (text.empty() || text.front() == '#') continue;
        const auto fields = fields_of(text);
        if (fields.size() != kColumns)
            return bad_line((*line)->number,
                            "has " + std::to_string(fields.size()) + " fields, not 4");
        if (std::exchange(is_first, false) && !is_number(fields.front())) {
            const auto named = order_of((*line)->number, fields);
            if (!named) return tl::unexpected(named.error());
            order = *named;
            continue;
        }
        const auto row = row_of((*line)->number, fields, order);
        if (!row) return tl::unexpected(row.error());
        if (rows.size() == kBatchRowsMax)
            return bad_line((*line)->number, "is past " + std::to_string(kBatchRowsMax) + " rows");
        rows.push_back(*row);
    }
    if (rows.empty())
        return domain::fail(domain::ErrorCode::invalid_argument, "there is no row of counts");
    return rows;
}

}  // namespace decklog::cli
