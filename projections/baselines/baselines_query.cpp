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
using Units = std::vector<std::uint32_t>;  // sorted, each once

counting::Window whole_minutes(std::int64_t since_us, std::int64_t until_us) {
    const std::int64_t first = bucket_of(Level::minute, since_us);
    const std::int64_t last = bucket_of(Level::minute, until_us);
    const bool ends_inside = begin_of(Level::minute, last) < until_us;
    return {begin_of(Level::minute, first), begin_of(Level::minute, ends_inside ? last + 1 : last)};
}

void make_set(Units& units) {
    std::sort(units.begin(), units.end());
    units.erase(std::unique(units.begin(), units.end()), units.end());
}

std::map<Stream, Units> units_by_stream(const RowReader& rows, const counting::Window& window) {
    const counting::Words words(rows);
    std::vector<Units> by_number(words.given(kStreams) + std::size_t{1});
    const auto whole = [&](const counting::Span& span) {
        counting::scan_counts(rows, kUnitCounts, span,
                              [&](counting::Slot slot, std::int64_t count) {
                                  if (slot.group >= by_number.size())
                                      by_number.resize(slot.group + 1);
                                  if (count > 0) by_number[slot.group].push_back(slot.number);
                              });
    };
    counting::cover(window, whole, [](std::int64_t) {});  // whole minutes cut none
    std::map<Stream, Units> by_stream;
    for (std::uint32_t number = 0; number < by_number.size(); ++number) {
        if (by_number[number].empty()) continue;
        make_set(by_number[number]);
        by_stream.emplace(stream_in(words.text(kStreams, number)), std::move(by_number[number]));
    }
    return by_stream;
}

class Answer {
  public:
    explicit Answer(const std::map<Stream, Units>& units) : units_(units) {}

    [[nodiscard]] std::vector<Baseline> read() const {
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
                std::vector<Baseline>& out) const {
        Units attempted;
        for (const std::string_view action : work.attempts)
            append(cohort, action, platform, attempted);
        for (const std::string_view action : work.failures)
            append(cohort, action, platform, attempted);
        make_set(attempted);
        if (attempted.empty()) return;
        for (const std::string_view action : work.failures) {
            Units failed;
            append(cohort, action, platform, failed);
            out.push_back({cohort, std::string(action), platform,
                           static_cast<std::int64_t>(attempted.size()),
                           static_cast<std::int64_t>(failed.size())});
        }
    }

    void append(domain::Cohort cohort, std::string_view action, const std::string& platform,
                Units& units) const {
        const auto found = units_.find({cohort, std::string(action), platform});
        if (found != units_.end())
            units.insert(units.end(), found->second.begin(), found->second.end());
    }

    const std::map<Stream, Units>& units_;
};

}  // namespace

std::vector<Baseline> baselines(const RowReader& baselines_rows, std::int64_t since_us,
                                std::int64_t until_us) {
    if (until_us <= since_us) return {};
    return Answer(units_by_stream(baselines_rows, whole_minutes(since_us, until_us))).read();
}

}  // namespace decklog::projections
