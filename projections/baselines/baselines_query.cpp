#include "projections/baselines/baselines_query.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "projections/baselines/baselines_rows.hpp"
#include "projections/baselines/work_table.hpp"
#include "projections/counting/bucket_counts.hpp"
#include "projections/counting/pyramid.hpp"

namespace decklog::projections {
namespace {

using namespace baseline;
using counting::begin_of;
using counting::bucket_of;
using counting::Level;
/// What one row says of a unit; a unit may stand here many times.
struct UnitCount {
    std::uint32_t unit = 0;
    std::int64_t count = 0;
};
using Units = std::vector<UnitCount>;
using UnitsByStream = std::map<Stream, Units>;

counting::Window whole_minutes(std::int64_t since_us, std::int64_t until_us) {
    const std::int64_t first = bucket_of(Level::minute, since_us);
    const std::int64_t last = bucket_of(Level::minute, until_us);
    const bool ends_inside = begin_of(Level::minute, last) < until_us;
    return {begin_of(Level::minute, first), begin_of(Level::minute, ends_inside ? last + 1 : last)};
}

UnitsByStream units_by_stream(const RowReader& rows, const counting::Window& window) {
    const counting::Words words(rows);
    std::vector<Units> by_number(words.given(kStreams) + std::size_t{1});
    const auto whole = [&](const counting::Span& span) {
        counting::scan_counts(rows, kUnitCounts, span,
                              [&](counting::Slot slot, std::int64_t count) {
                                  if (slot.group >= by_number.size())
                                      by_number.resize(slot.group + std::size_t{1});
                                  by_number[slot.group].push_back({slot.number, count});
                              });
    };
    counting::cover(window, whole, [](std::int64_t) {});  // whole minutes cut none
    UnitsByStream by_stream;
    for (std::uint32_t number = 0; number < by_number.size(); ++number) {
        if (by_number[number].empty()) continue;
        by_stream.emplace(stream_in(words.text(kStreams, number)), std::move(by_number[number]));
    }
    return by_stream;
}

/// How many units a window counted, from all that the rows say of them. Numbers are dense, so an
/// array holds the sums; it is swept clean by what was put into it.
class DistinctUnits {
  public:
    void add(const Units& units) {
        for (const UnitCount& each : units) {
            if (each.unit >= sums_.size()) sums_.resize(each.unit + std::size_t{1});
            sums_[each.unit] += each.count;
        }
        added_.push_back(&units);
    }
    /// Forgets them.
    [[nodiscard]] std::int64_t take() {
        std::int64_t distinct = 0;
        for (const Units* units : added_) {
            for (const UnitCount& each : *units)
                distinct += std::exchange(sums_[each.unit], 0) > 0 ? 1 : 0;
        }
        added_.clear();
        return distinct;
    }

  private:
    std::vector<std::int64_t> sums_;
    std::vector<const Units*> added_;
};

class Answer {
  public:
    explicit Answer(const UnitsByStream& units) : units_(units) {}

    [[nodiscard]] std::vector<Baseline> read() {
        std::set<std::pair<domain::Cohort, std::string>> places;
        for (const auto& [stream, units] : units_) places.emplace(stream.cohort, stream.platform);
        std::vector<Baseline> baselines;
        for (const auto& [cohort, platform] : places) {
            for (const Work& work : works()) append(work, cohort, platform, baselines);
        }
        std::sort(baselines.begin(), baselines.end());
        return baselines;
    }

  private:
    void append(const Work& work, domain::Cohort cohort, const std::string& platform,
                std::vector<Baseline>& out) {
        for (const std::string_view action : work.attempts) add(cohort, action, platform);
        for (const std::string_view action : work.failures) add(cohort, action, platform);
        const std::int64_t attempted = distinct_.take();
        if (attempted == 0) return;
        for (const std::string_view action : work.failures) {
            add(cohort, action, platform);
            out.push_back({cohort, std::string(action), platform, attempted, distinct_.take()});
        }
    }

    void add(domain::Cohort cohort, std::string_view action, const std::string& platform) {
        const auto found = units_.find({cohort, std::string(action), platform});
        if (found != units_.end()) distinct_.add(found->second);
    }

    DistinctUnits distinct_;
    const UnitsByStream& units_;
};

}  // namespace

std::vector<Baseline> baselines(const RowReader& baselines_rows, std::int64_t since_us,
                                std::int64_t until_us) {
    if (until_us <= since_us) return {};
    return Answer(units_by_stream(baselines_rows, whole_minutes(since_us, until_us))).read();
}

}  // namespace decklog::projections
