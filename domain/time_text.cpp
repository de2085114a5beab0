#include "domain/time_text.hpp"

#include <date/date.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

namespace decklog::domain {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kDecimalsMax = 6;

/// Takes the text apart from the left; every step says whether it matched.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    std::optional<int> digits(std::size_t count) {
        if (rest_.size() < count) return std::nullopt;
        int value = 0;
        for (const char c : rest_.substr(0, count)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(count);
        return value;
    }
    bool one_of(std::string_view choices) {
        if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) return false;
        taken_ = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view all_digits() {
        const std::string_view run = rest_.substr(0, rest_.find_first_not_of("0123456789"));
        rest_.remove_prefix(run.size());
        return run;
    }
    [[nodiscard]] char taken() const { return taken_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    std::string_view rest_;
    char taken_ = 0;
};

struct Written {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::string_view decimals{};
    int offset_sign = 0, offset_hour = 0, offset_minute = 0;
};

bool number(Scanner& scan, std::size_t count, int& into) {
    const auto value = scan.digits(count);
    if (value) into = *value;
    return value.has_value();
}

std::optional<Written> scan_date_time(std::string_view text) {
    Scanner scan(text);
    Written w;
    if (!(number(scan, 4, w.year) && scan.one_of("-") && number(scan, 2, w.month) &&
          scan.one_of("-") && number(scan, 2, w.day) && scan.one_of("Tt") &&
          number(scan, 2, w.hour) && scan.one_of(":") && number(scan, 2, w.minute) &&
          scan.one_of(":") && number(scan, 2, w.second))) {
        return std::nullopt;
    }
    if (scan.one_of(".")) {
        w.decimals = scan.all_digits();
        if (w.decimals.empty()) return std::nullopt;
    }
    if (!scan.one_of("Zz+-")) return std::nullopt;
    if (scan.taken() == '+' || scan.taken() == '-') {
        w.offset_sign = scan.taken() == '+' ? 1 : -1;
        if (!(number(scan, 2, w.offset_hour) && scan.one_of(":") &&
              number(scan, 2, w.offset_minute))) {
            return std::nullopt;
        }
    }
    if (!scan.at_end()) return std::nullopt;
    return w;
}

microseconds fraction(std::string_view decimals) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < kDecimalsMax; ++i) {
        value = value * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
    }
    return microseconds(value);
}

date::year_month_day calendar_date(const Written& w) {
    return date::year(w.year) / date::month(static_cast<unsigned>(w.month)) /
           date::day(static_cast<unsigned>(w.day));
}

bool is_real(const Written& w) {
    return calendar_date(w).ok() && w.hour < 24 && w.minute < 60 && w.second < 60 &&
           w.offset_hour < 24 && w.offset_minute < 60;
}

}  // namespace

std::string to_rfc3339(std::int64_t time_us) {
    const date::sys_time<microseconds> time{
        microseconds(std::clamp<std::int64_t>(time_us, kTimeMinMicros, kTimeMaxMicros))};
    const auto day = date::floor<date::days>(time);
    const date::year_month_day ymd{day};
    const date::hh_mm_ss<microseconds> clock{time - day};
    char text[64];
    const int length = std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(ymd.year()),
        static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return std::string(text, static_cast<std::size_t>(length));
}

Decision<std::int64_t> parse_rfc3339(std::string_view text, std::string_view field) {
    const auto written = scan_date_time(text);
    if (!written) {
        return reject("time_malformed",
                      "write the time as RFC 3339 with an offset, such as 2026-11-25T17:27:36.5Z",
                      std::string(field));
    }
    if (written->decimals.size() > kDecimalsMax) {
        return reject("time_too_precise", "a time holds at most six decimals of a second",
                      std::string(field), static_cast<std::int64_t>(kDecimalsMax));
    }
    if (!is_real(*written)) {
        return reject("time_not_real",
                      "the date must be in the calendar, hours 00-23, minutes and seconds 00-59",
                      std::string(field));
    }
    const auto offset = hours(written->offset_hour) + minutes(written->offset_minute);
    const auto local = date::sys_days(calendar_date(*written)) + hours(written->hour) +
                       minutes(written->minute) + seconds(written->second) +
                       fraction(written->decimals);
    const std::int64_t time_us = (local - written->offset_sign * offset).time_since_epoch().count();
    if (time_us < kTimeMinMicros || time_us > kTimeMaxMicros) {
        return reject("time_out_of_range", "a time lies between the years 1 and 9999, in UTC",
                      std::string(field));
    }
    return time_us;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
    constexpr std::int64_t kSecond = 1'000'000;
    constexpr std::int64_t kLongest = 36'500LL * 86'400 * kSecond;
    constexpr std::pair<char, std::int64_t> kUnits[] = {
        {'s', kSecond}, {'m', 60 * kSecond}, {'h', 3'600 * kSecond}, {'d', 86'400 * kSecond}};
    if (text.empty()) return std::nullopt;
    const std::string_view digits = text.substr(0, text.size() - 1);
    for (const auto& [letter, unit] : kUnits) {
        if (text.back() != letter) continue;
        std::int64_t count = 0;
        const char* const end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, count);
        const bool is_number = read.ec == std::errc{} && read.ptr == end;
        if (is_number && count > 0 && count <= kLongest / unit) return count * unit;
    }
    return std::nullopt;
}

}  // namespace decklog::domain
