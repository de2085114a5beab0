#include "tests/bench/support/report.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>

namespace decklog::bench {
namespace {

constexpr double kShareOfMedian = 0.5;

const char* word_of(Rule rule) {
    switch (rule) {
        case Rule::none:
            return "";
        case Rule::ratio_at_least:
            return "ratio >=";
        case Rule::ratio_at_most:
            return "ratio <=";
        case Rule::value_at_least:
            return ">=";
        case Rule::value_at_most:
            return "<=";
    }
    return "";
}

/// Three digits or more, and no more after the point than mean something.
std::string digits(double value) {
    const double size = std::fabs(value);
    char text[40];
    std::snprintf(text, sizeof text, "%.*f", size >= 100 ? 0 : size >= 10 ? 1 : 2, value);
    return text;
}

template <class Value>
boost::json::value json_of(const std::optional<Value>& value) {
    return value ? boost::json::value(*value) : boost::json::value();
}

}  // namespace

std::optional<double> ratio_of(const Row& row) {
    if (!row.raw || *row.raw == 0) return std::nullopt;
    return row.value / *row.raw;
}

std::optional<bool> holds(const Row& row) {
    const std::optional<double> ratio = ratio_of(row);
    switch (row.budget.rule) {
        case Rule::none:
            return std::nullopt;
        case Rule::ratio_at_least:
            return ratio && *ratio >= row.budget.limit;
        case Rule::ratio_at_most:
            return ratio && *ratio <= row.budget.limit;
        case Rule::value_at_least:
            return row.value >= row.budget.limit;
        case Rule::value_at_most:
            return row.value <= row.budget.limit;
    }
    return std::nullopt;
}

Report::Report(std::string bench, const std::string& json_file) : bench_(std::move(bench)) {
    if (!json_file.empty()) {
        json_.reset(std::fopen(json_file.c_str(), "w"));
        if (json_ == nullptr) {
            std::fprintf(stderr, "cannot write %s\n", json_file.c_str());
            std::exit(1);
        }
    }
    std::printf("%-62s %12s %-10s %12s %6s  %-14s %s\n", bench_.c_str(), "measured", "", "raw",
                "ratio", "budget", "holds");
}

void Report::add(const Row& row) {
    const std::optional<double> ratio = ratio_of(row);
    const std::optional<bool> good = holds(row);
    const bool has_budget = row.budget.rule != Rule::none;
    const std::string budget =
        has_budget ? std::string(word_of(row.budget.rule)) + " " + digits(row.budget.limit) : "";
    std::printf("  %-60s %12s %-10s %12s %6s  %-14s %s\n", row.name.c_str(),
                digits(row.value).c_str(), row.unit.c_str(),
                row.raw ? digits(*row.raw).c_str() : "", ratio ? digits(*ratio).c_str() : "",
                budget.c_str(), good ? (*good ? "yes" : "NO") : "");
    std::fflush(stdout);
    if (json_ == nullptr) return;
    const boost::json::object line{
        {"bench", bench_},
        {"case", row.name},
        {"value", row.value},
        {"unit", row.unit},
        {"raw", json_of(row.raw)},
        {"ratio", json_of(ratio)},
        {"budget", json_of(has_budget ? std::optional(row.budget.limit) : std::nullopt)},
        {"rule", word_of(row.budget.rule)},
        {"holds", json_of(good)}};
    std::fprintf(json_.get(), "%s\n", boost::json::serialize(line).c_str());
    std::fflush(json_.get());
}

double median(std::vector<double> values) { return percentile(std::move(values), kShareOfMedian); }

double percentile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(rank > 0 ? rank - 1 : 0);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

}  // namespace decklog::bench
