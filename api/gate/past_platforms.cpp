#include "api/gate/past_platforms.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "api/gate/range_reading.hpp"
#include "api/rollouts/required_platforms.hpp"
#include "projections/platforms/platforms_query.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

constexpr std::uint32_t kPartition = 0;
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::array kAccountEvents{domain::EventType::platform_account_created,
                                    domain::EventType::platform_policy_updated};

/// Before `end`, the first ordinal of a frame that was recorded at `since_us` or later; or `end`.
domain::Result<std::uint64_t> first_since(const store::LogReader& log, std::uint64_t end,
                                          std::int64_t since_us) {
    std::uint64_t low = 0, high = end;
    while (low < high) {
        const auto frame = log.frame_at({kPartition, low + (high - low) / 2});
        if (!frame) return tl::unexpected(frame.error());
        if ((*frame)->event(0).recorded_at_us() < since_us) {
            low = std::min((*frame)->last().ordinal + 1, end);
        } else {
            high = std::max((*frame)->first().ordinal, low);
        }
    }
    return low;
}

}  // namespace

PastPlatforms::PastPlatforms(std::vector<std::string> required)
    : required_(std::move(required)),
      heard_of_(required_.size(), std::numeric_limits<std::int64_t>::min()) {}

bool PastPlatforms::is_news(const domain::EventView& event) {
    if (required_.empty()) return false;
    if (!projections::platforms::is_activity(event)) return true;  // of an account, perhaps
    const auto found = std::find(required_.begin(), required_.end(), event.platform());
    if (found == required_.end()) return false;
    std::int64_t& heard_of = heard_of_[static_cast<std::size_t>(found - required_.begin())];
    const std::int64_t second = event.occurred_at_us() / kSecondUs;
    return second > std::exchange(heard_of, std::max(heard_of, second));
}

domain::Result<void> PastPlatforms::read_before(const store::LogReader& log, std::uint64_t from,
                                                const std::function<bool()>& go_on) {
    if (required_.empty() || from == 0) return {};
    const auto frame = log.frame_at({kPartition, from});
    if (!frame) return tl::unexpected(frame.error());
    const auto first = first_since(log, from, (*frame)->event(0).recorded_at_us() - kActivityUs);
    if (!first) return tl::unexpected(first.error());
    if (auto read = read_accounts(log, *first); !read) return read;
    if (*first == from) return {};
    const auto read = read_range(
        log, *first, from - 1, [&](std::uint64_t, std::uint64_t) { return go_on(); },
        [this](const domain::EventView& event) { take(event); });
    if (!read) return tl::unexpected(read.error());
    return {};
}

domain::Result<void> PastPlatforms::read_accounts(const store::LogReader& log,
                                                  std::uint64_t before) {
    std::vector<std::uint64_t> ordinals;
    for (const domain::EventType type : kAccountEvents) {
        store::IndexKey key;
        key.kind = store::IndexKey::Kind::type;
        key.type = static_cast<std::uint32_t>(type);
        const auto scanned = log.scan(kPartition, key, store::Order::ascending, std::nullopt,
                                      [&](domain::Position at) {
                                          if (at.ordinal >= before) return false;
                                          ordinals.push_back(at.ordinal);
                                          return true;
                                      });
        if (!scanned) return scanned;
    }
    std::sort(ordinals.begin(), ordinals.end());
    for (const std::uint64_t ordinal : ordinals) {
        const auto frame = log.frame_at({kPartition, ordinal});
        if (!frame) return tl::unexpected(frame.error());
        take((*frame)->event(ordinal - (*frame)->first().ordinal));
    }
    return {};
}

std::vector<domain::gate::MissingPlatform> PastPlatforms::missing(std::int64_t now_us) {
    if (required_.empty()) return {};
    fold_.finish(rows_);
    return projections::missing_platforms(rows_, required_, now_us - kActivityUs);
}

}  // namespace decklog::api
