// What a benchmark found: one row a case, printed as a table as they come and, with a file given,
// written as JSON lines {bench, case, value, unit, raw, ratio, budget, rule, holds}. A ratio is
// always value to raw, both measured in the same run; fields that do not apply are null.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace decklog::bench {

/// What a row is held to.
enum class Rule { none, ratio_at_least, ratio_at_most, value_at_least, value_at_most };

struct Budget {
    Rule rule = Rule::none;
    double limit = 0;
};

struct Row {
    std::string name;  // "durable append, 64 clients, views off"
    double value = 0;
    std::string unit;             // events/s, ms, MB, …
    std::optional<double> raw{};  // the counterpart, in the same unit
    Budget budget{};
};

[[nodiscard]] std::optional<double> ratio_of(const Row& row);
/// Nothing when the row has no budget.
[[nodiscard]] std::optional<bool> holds(const Row& row);

/// Prints to stdout; one thread.
class Report {
  public:
    /// `json_file` empty: only the table.
    Report(std::string bench, const std::string& json_file);
    void add(const Row& row);

  private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::string bench_;
    std::unique_ptr<std::FILE, Close> json_;
};

/// Of at least one value; sorts a copy.
[[nodiscard]] double median(std::vector<double> values);
/// The value under which `share` of them lie; nearest rank.
[[nodiscard]] double percentile(std::vector<double> values, double share);

}  // namespace decklog::bench
