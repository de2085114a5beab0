#include "projections/counting/pyramid.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace decklog::projections::counting {
namespace {

constexpr std::int64_t kMinutesInHour = 60;
constexpr std::int64_t kHoursInDay = 24;
std::int64_t floor_div(std::int64_t number, std::int64_t by) {
    return number / by - (number % by < 0 ? 1 : 0);
}
std::int64_t ceil_div(std::int64_t number, std::int64_t by) {
    return number / by + (number % by > 0 ? 1 : 0);
}

using SpanSink = std::function<void(const Span&)>;

void emit(Level level, std::int64_t first, std::int64_t last, std::int64_t sign,
          const SpanSink& whole) {
    if (first < last) whole({level, first, last, sign});
}

/// Where the coarser buckets begin (or end), and the finer ones between there and `edge`: those
/// that are missing, or, when they are fewer, those that the coarser ones hold too much.
struct Seam {
    std::int64_t coarse = 0;
    std::int64_t sign = 1;
};
Seam seam_at(std::int64_t edge, std::int64_t factor, std::int64_t inside, std::int64_t outside) {
    const std::int64_t missing = std::abs(edge - inside * factor);
    const std::int64_t too_much = std::abs(outside * factor - edge);
    return missing <= too_much ? Seam{inside, 1} : Seam{outside, -1};
}

// [first, last) of `level`: what fits into whole buckets of the next coarser level goes there, the
// ends stay. Without an upper bound the last of the coarsest buckets stand for all that follows.
void climb(Level level, std::int64_t first, std::int64_t last, const SpanSink& whole) {
    if (level == Level::day || first >= last) return emit(level, first, last, 1, whole);
    const std::int64_t factor = level == Level::minute ? kMinutesInHour : kHoursInDay;
    const Level coarser = level == Level::minute ? Level::hour : Level::day;
    const bool endless = last == kForever;
    const std::int64_t inside_first = ceil_div(first, factor);
    const std::int64_t inside_last = endless ? kForever : floor_div(last, factor);
    if (inside_first >= inside_last) return emit(level, first, last, 1, whole);
    const Seam begin = seam_at(first, factor, inside_first, floor_div(first, factor));
    const Seam end =
        endless ? Seam{kForever, 1} : seam_at(last, factor, inside_last, ceil_div(last, factor));
    const std::int64_t begin_at = begin.coarse * factor;
    emit(level, std::min(first, begin_at), std::max(first, begin_at), begin.sign, whole);
    climb(coarser, begin.coarse, end.coarse, whole);
    if (endless) return;
    const std::int64_t end_at = end.coarse * factor;
    emit(level, std::min(last, end_at), std::max(last, end_at), end.sign, whole);
}

}  // namespace

const char* to_text(Level level) {
    switch (level) {
        case Level::day:
            return "day";
        case Level::hour:
            return "hour";
        case Level::minute:
            return "minute";
        case Level::second:
            return "second";
    }
    return "second";
}

std::int64_t micros_of(Level level) {
    switch (level) {
        case Level::day:
            return kDayMicros;
        case Level::hour:
            return kHourMicros;
        case Level::minute:
            return kMinuteMicros;
        case Level::second:
            return kSecondMicros;
    }
    return kSecondMicros;
}

std::int64_t bucket_of(Level level, std::int64_t time_us) {
    return floor_div(time_us, micros_of(level));
}

std::int64_t begin_of(Level level, std::int64_t bucket) {
    const std::int64_t micros = micros_of(level);
    if (bucket > std::numeric_limits<std::int64_t>::max() / micros) {
        return std::numeric_limits<std::int64_t>::max();
    }
    if (bucket < std::numeric_limits<std::int64_t>::min() / micros) {
        return std::numeric_limits<std::int64_t>::min();
    }
    return bucket * micros;
}

void cover(const Window& window, const SpanSink& whole,
           const std::function<void(std::int64_t minute)>& cut) {
    if (window.until_us && *window.until_us <= window.since_us) return;
    const std::int64_t first = ceil_div(window.since_us, kMinuteMicros);
    const std::int64_t last =
        window.until_us ? floor_div(*window.until_us, kMinuteMicros) : kForever;
    const std::int64_t since_minute = floor_div(window.since_us, kMinuteMicros);
    if (since_minute < first) cut(since_minute);
    climb(Level::minute, first, last, whole);
    const bool until_cuts = window.until_us && *window.until_us % kMinuteMicros != 0;
    if (until_cuts && (last != since_minute || first == since_minute)) cut(last);
}

}  // namespace decklog::projections::counting
