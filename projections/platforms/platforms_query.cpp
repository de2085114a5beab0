#include "projections/platforms/platforms_query.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <tuple>

#include "projections/row_bytes.hpp"

namespace decklog::projections {
namespace {

using namespace platforms;

void each_row(const RowReader& rows, char tag, const RowSink& sink) {
    const std::string prefix(1, tag);
    rows.scan(prefix, end_of_prefix(prefix), sink);
}

bool names(const AccountInfo& account, std::string_view platform, std::string_view named) {
    return account.state.platform == platform &&
           (named == account.id || named == account.state.account_external_id);
}

/// See the head of platforms_query.hpp.
class Owners {
  public:
    explicit Owners(std::vector<AccountInfo> accounts) {
        for (AccountInfo& account : accounts) all_.push_back({std::move(account), {}, 0});
    }

    void each(const Place& place, const std::function<void(AccountHealth&)>& sink) {
        const bool is_named = std::any_of(all_.begin(), all_.end(), [&](const auto& health) {
            return names(health.account, place.platform, place.account);
        });
        for (AccountHealth& health : all_) {
            const AccountInfo& account = health.account;
            if (is_named ? names(account, place.platform, place.account)
                         : account.state.platform == place.platform)
                sink(health);
        }
    }

    std::vector<AccountHealth> take() { return std::move(all_); }

  private:
    std::vector<AccountHealth> all_;
};

void keep_latest_of_any(Activity& kept, const Activity& other) {
    if (other.any_us <= kept.any_us) return;
    kept.any_us = other.any_us;
    kept.any_ordinal = other.any_ordinal;
}

void keep_latest(Activity& kept, const Activity& other) {
    keep_latest_of_any(kept, other);
    kept.ingest_us = std::max(kept.ingest_us, other.ingest_us);
    kept.send_us = std::max(kept.send_us, other.send_us);
    kept.error_us = std::max(kept.error_us, other.error_us);
}

std::uint64_t errors_since(const RowReader& rows, const Place& place, std::int64_t since_us) {
    const std::string key = place_key(place.platform, place.account);
    std::uint64_t count = 0;
    rows.scan(errors_key(key, minute_of(since_us)), end_of_prefix(std::string(1, kErrors) + key),
              [&count](std::string_view, std::string_view row) {
                  count += count_in(row);
                  return true;
              });
    return count;
}

/// The last sign of life of each platform, on whichever account.
std::map<std::string, Activity> last_activities(const RowReader& rows) {
    std::map<std::string, Activity> last;
    each_row(rows, kActivity, [&](std::string_view key, std::string_view row) {
        keep_latest_of_any(last[place_in(key).platform], activity_in(row));
        return true;
    });
    return last;
}

/// The last change of a platform's accounts, all of which are switched off; none: one is on, or it
/// has none here.
std::optional<std::uint64_t> switched_off_at(const std::vector<AccountInfo>& accounts,
                                             std::string_view platform) {
    std::optional<std::uint64_t> changed_at;
    for (const AccountInfo& account : accounts) {
        if (account.state.platform != platform) continue;
        if (account.state.policy.is_active) return std::nullopt;
        changed_at = std::max(changed_at, std::optional(account.switched_ordinal));
    }
    return changed_at;
}

}  // namespace

std::vector<AccountInfo> platform_accounts(const RowReader& platforms_rows) {
    std::vector<AccountInfo> accounts;
    each_row(platforms_rows, kAccount, [&](std::string_view key, std::string_view row) {
        AccountRow account = account_in(row);
        accounts.push_back(
            {std::string(key.substr(1)), std::move(account.state), account.switched_ordinal});
        return true;
    });
    std::sort(accounts.begin(), accounts.end(), [](const AccountInfo& a, const AccountInfo& b) {
        return std::tie(a.state.platform, a.state.account_external_id, a.id) <
               std::tie(b.state.platform, b.state.account_external_id, b.id);
    });
    return accounts;
}

std::vector<AccountHealth> platform_health(const RowReader& platforms_rows, std::int64_t since_us) {
    Owners owners(platform_accounts(platforms_rows));
    each_row(platforms_rows, kActivity, [&](std::string_view key, std::string_view row) {
        const Place place = place_in(key);
        const Activity activity = activity_in(row);
        const std::uint64_t errors = activity.error_us < since_us - kMinuteUs
                                         ? 0
                                         : errors_since(platforms_rows, place, since_us);
        owners.each(place, [&](AccountHealth& health) {
            keep_latest(health.last, activity);
            health.errors += errors;
        });
        return true;
    });
    return owners.take();
}

std::vector<domain::gate::MissingPlatform> missing_platforms(const RowReader& platforms_rows,
                                                             std::span<const std::string> required,
                                                             std::int64_t since_us) {
    const auto last = last_activities(platforms_rows);
    const auto accounts = platform_accounts(platforms_rows);
    std::vector<domain::gate::MissingPlatform> missing;
    for (const std::string& platform : required) {
        std::optional<std::uint64_t> position = switched_off_at(accounts, platform);
        const auto found = last.find(platform);
        const bool is_heard_of = found != last.end() && found->second.any_us >= since_us;
        if (!position && is_heard_of) continue;
        if (!position && found != last.end()) position = found->second.any_ordinal;
        missing.push_back({platform, position});
    }
    return missing;
}

std::vector<WorkerRow> workers(const RowReader& platforms_rows) {
    std::vector<WorkerRow> all;
    each_row(platforms_rows, kWorker, [&](std::string_view key, std::string_view row) {
        all.push_back(worker_in(key.substr(1), row));
        return true;
    });
    return all;
}

}  // namespace decklog::projections
