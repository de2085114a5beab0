#include "projections/rollouts/burn_history.hpp"

namespace decklog::projections::rollout {
namespace {

using domain::gate::WindowCounts;

constexpr std::int64_t kMinute = 60'000'000, kHalfHour = 30 * kMinute, kHour = 60 * kMinute;
constexpr std::int64_t kThreeDays = 72 * kHour;

template <class Sums>
void add_to(Sums& sums, std::int64_t span_us, std::int64_t kept_us, std::int64_t at_us,
            const WindowCounts& counts) {
    WindowCounts& sum = sums[at_us / span_us];
    sum.units += counts.units;
    sum.errors += counts.errors;
    sums.erase(sums.begin(), sums.lower_bound((at_us - kept_us) / span_us));
}

template <class Sums>
WindowCounts sum_of(const Sums& sums, std::int64_t span_us, std::int64_t window_us,
                    std::int64_t now_us) {
    WindowCounts sum;
    for (auto each = sums.lower_bound((now_us - window_us) / span_us); each != sums.end(); ++each) {
        sum.units += each->second.units;
        sum.errors += each->second.errors;
    }
    return sum;
}

template <class Sums>
void put_sums(std::string& out, const Sums& sums) {
    put_varint(out, sums.size());
    for (const auto& [span, sum] : sums) {
        put_signed(out, span);
        put_varint(out, sum.units);
        put_varint(out, sum.errors);
    }
}

template <class Sums>
void read_sums(RowBytes& bytes, Sums& sums) {
    for (std::uint64_t left = bytes.varint(); left > 0 && bytes.ok(); --left) {
        const std::int64_t span = bytes.signed_varint();
        WindowCounts sum;
        sum.units = bytes.varint();
        sum.errors = bytes.varint();
        sums.emplace(span, sum);
    }
}

}  // namespace

void BurnHistory::add(std::int64_t at_us, const WindowCounts& counts) {
    add_to(minutes_, kMinute, kHour, at_us, counts);
    add_to(half_hours_, kHalfHour, kThreeDays, at_us, counts);
}

domain::gate::BurnWindows BurnHistory::windows(std::int64_t now_us) const {
    return {sum_of(minutes_, kMinute, 5 * kMinute, now_us),
            sum_of(minutes_, kMinute, kHalfHour, now_us), sum_of(minutes_, kMinute, kHour, now_us),
            sum_of(half_hours_, kHalfHour, 6 * kHour, now_us),
            sum_of(half_hours_, kHalfHour, kThreeDays, now_us)};
}

WindowCounts BurnHistory::all() const {
    WindowCounts sum;
    for (const auto& [span, counts] : half_hours_) {
        sum.units += counts.units;
        sum.errors += counts.errors;
    }
    return sum;
}

void BurnHistory::put(std::string& out) const {
    put_sums(out, minutes_);
    put_sums(out, half_hours_);
}

BurnHistory BurnHistory::read(RowBytes& bytes) {
    BurnHistory history;
    read_sums(bytes, history.minutes_);
    read_sums(bytes, history.half_hours_);
    return history;
}

}  // namespace decklog::projections::rollout
