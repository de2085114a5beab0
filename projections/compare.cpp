#include "projections/compare.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <spdlog/fmt/fmt.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "projections/limits.hpp"

namespace decklog::projections {
namespace {

constexpr std::uint64_t kAskEvery = 65'536;

/// The bytes with everything that is no printable ASCII as `\x..`, cut to what a line can show.
std::string readable(std::string_view bytes) {
    std::string text;
    for (const char c : bytes.substr(0, limits::kShownBytesMax)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f && c != '\\') {
            text.push_back(c);
        } else {
            text += fmt::format("\\x{:02x}", byte);
        }
    }
    if (bytes.size() > limits::kShownBytesMax) text += fmt::format("… ({} bytes)", bytes.size());
    return text;
}

/// A build of which scans show one row alone, so that the view prints that row; what it looks up
/// for it (words) is all there.
class OneRow final : public RowReader {
  public:
    OneRow(const RowReader& rows, std::string_view key) : rows_(rows), key_(key) {}
    [[nodiscard]] std::optional<std::string> get(std::string_view key) const override {
        return rows_.get(key);
    }
    void scan(std::string_view begin, std::string_view end, const RowSink& sink) const override {
        if (key_ < begin || (!end.empty() && key_ >= end)) return;
        if (const auto value = rows_.get(key_)) sink(key_, *value);
    }
    void scan_back(std::string_view begin, std::string_view end,
                   const RowSink& sink) const override {
        scan(begin, end, sink);
    }

  private:
    const RowReader& rows_;
    std::string_view key_;
};

/// Printed lines of one row, by their text.
std::set<std::string> printed(const ComparedBuild& build, std::string_view key) {
    std::set<std::string> lines;
    build.logic.print(OneRow(build.rows, key), build.partition,
                      [&lines](const boost::json::object& row) {
                          lines.insert(boost::json::serialize(row));
                          return lines.size() < limits::kPrintedLinesRead;
                      });
    return lines;
}

std::vector<boost::json::object> only_in(const std::set<std::string>& these,
                                         const std::set<std::string>& those) {
    std::vector<boost::json::object> rows;
    for (const std::string& line : these) {
        if (those.contains(line)) continue;
        if (rows.size() >= limits::kPrintedLinesMax) break;
        rows.push_back(boost::json::parse(line).get_object());
    }
    return rows;
}

RowDifference difference_at(const ComparedBuild& before, const ComparedBuild& after,
                            std::string_view key) {
    RowDifference difference;
    difference.key = readable(key);
    const auto old_lines = printed(before, key);
    const auto new_lines = printed(after, key);
    difference.before = only_in(old_lines, new_lines);
    difference.after = only_in(new_lines, old_lines);
    if (const auto value = before.rows.get(key)) difference.before_bytes = readable(*value);
    if (const auto value = after.rows.get(key)) difference.after_bytes = readable(*value);
    return difference;
}

void differs(const ComparedBuild& before, const ComparedBuild& after, std::string_view key,
             Rebuilt& result) {
    ++result.rows_that_differ;
    if (result.first_differences.size() < limits::kDifferencesShown)
        result.first_differences.push_back(difference_at(before, after, key));
}

}  // namespace

bool compare_rows(const ComparedBuild& before, const ComparedBuild& after, Rebuilt& result,
                  const std::function<bool()>& go_on) {
    const auto ours = before.rows.cursor();
    const auto theirs = after.rows.cursor();
    while (ours->valid() || theirs->valid()) {
        if (++result.rows % kAskEvery == 0 && !go_on()) return false;
        const bool only_ours = !theirs->valid() || (ours->valid() && ours->key() < theirs->key());
        const bool only_theirs = !only_ours && (!ours->valid() || theirs->key() < ours->key());
        const bool same = !only_ours && !only_theirs && ours->value() == theirs->value();
        if (!same) differs(before, after, only_theirs ? theirs->key() : ours->key(), result);
        if (!only_theirs) ours->next();
        if (!only_ours) theirs->next();
    }
    return true;
}

void compare_parked(const ParkedKeys& before, const ParkedKeys& after, Rebuilt& result) {
    const auto listed = [](const std::string& key, const ParkedAt& at, std::uint64_t events) {
        return Parked{key, at.reason, at.ordinal, events};
    };
    for (const auto& [key, at] : before) {
        const auto now = after.find(key);
        const std::uint64_t still = now == after.end() ? 0 : now->second.events;
        if (still < at.events) result.folds_now.push_back(listed(key, at, at.events - still));
    }
    for (const auto& [key, at] : after) {
        const auto old = before.find(key);
        if (old == before.end() || (!(old->second == at) && at.events >= old->second.events))
            result.newly_parked.push_back(listed(key, at, at.events));
    }
}

}  // namespace decklog::projections
