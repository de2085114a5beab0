#include "projections/platforms/platforms_rows.hpp"

#include <algorithm>

#include "projections/counting/ordered_bytes.hpp"
#include "projections/row_bytes.hpp"

namespace decklog::projections::platforms {
namespace {

constexpr std::size_t kMinuteBytes = 8;

std::string_view bytes_of(const domain::Bytes16& hash) {
    return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

std::string place_key(std::string_view platform, std::string_view account) {
    return counting::texts(platform, account);
}

Place place_in(std::string_view key) {
    RowBytes parts(key.substr(1));
    Place place;
    place.platform = counting::ordered_text(parts);
    place.account = counting::ordered_text(parts);
    return place;
}

std::string errors_key(std::string_view place, std::int64_t minute) {
    std::string key(1, kErrors);
    key.append(place);
    put_be64_signed(key, minute);
    return key;
}

std::int64_t minute_in(std::string_view errors_key) {
    if (errors_key.size() < kMinuteBytes) return 0;
    return RowBytes(errors_key.substr(errors_key.size() - kMinuteBytes)).be64_signed();
}

std::int64_t minute_of(std::int64_t time_us) {
    const std::int64_t minute = time_us / kMinuteUs;
    return time_us % kMinuteUs < 0 ? minute - 1 : minute;
}

std::string to_bytes(const Activity& activity) {
    std::string out;
    put_signed(out, activity.any_us);
    put_varint(out, activity.any_ordinal);
    put_signed(out, activity.ingest_us);
    put_signed(out, activity.send_us);
    put_signed(out, activity.error_us);
    return out;
}

Activity activity_in(std::string_view row) {
    RowBytes fields(row);
    Activity activity;
    activity.any_us = fields.signed_varint();
    activity.any_ordinal = fields.varint();
    activity.ingest_us = fields.signed_varint();
    activity.send_us = fields.signed_varint();
    activity.error_us = fields.signed_varint();
    return activity;
}

std::string count_bytes(std::uint64_t count) {
    std::string out;
    put_varint(out, count);
    return out;
}

std::uint64_t count_in(std::string_view row) { return RowBytes(row).varint(); }

std::string to_bytes(const AccountRow& account) {
    const domain::PlatformAccount::State& state = account.state;
    std::string out;
    put_varint(out, account.switched_ordinal);
    put_text(out, state.platform);
    put_text(out, state.account_name);
    put_text(out, state.account_external_id);
    out.push_back(state.policy.is_active ? '\1' : '\0');
    put_text(out, state.policy.send_mode);
    put_text(out, state.policy.integration_mode);
    put_signed(out, state.created_at_us);
    put_signed(out, state.updated_at_us);
    put_varint(out, state.policy.credentials.size());
    for (const domain::Credential& credential : state.policy.credentials) {
        put_text(out, credential.key);
        put_text(out, credential.ref);
    }
    return out;
}

AccountRow account_in(std::string_view row) {
    RowBytes fields(row);
    AccountRow account;
    domain::PlatformAccount::State& state = account.state;
    account.switched_ordinal = fields.varint();
    state.exists = true;
    state.platform = fields.text();
    state.account_name = fields.text();
    state.account_external_id = fields.text();
    state.policy.is_active = fields.byte() != 0;
    state.policy.send_mode = fields.text();
    state.policy.integration_mode = fields.text();
    state.created_at_us = fields.signed_varint();
    state.updated_at_us = fields.signed_varint();
    for (std::uint64_t left = fields.varint(); left > 0 && fields.ok(); --left) {
        std::string key(fields.text());
        state.policy.credentials.push_back({std::move(key), std::string(fields.text())});
    }
    return account;
}

std::string to_bytes(const WorkerRow& worker) {
    std::string out;
    put_signed(out, worker.at_us);
    put_varint(out, worker.ordinal);
    put_text(out, worker.report.release);
    put_text(out, worker.report.provider);
    put_text(out, worker.report.runtime);
    put_varint(out, worker.report.queue_depth);
    if (worker.report.error_hash) out.append(bytes_of(*worker.report.error_hash));
    return out;
}

WorkerRow worker_in(std::string_view name, std::string_view row) {
    RowBytes fields(row);
    WorkerRow worker;
    worker.report.worker = name;
    worker.at_us = fields.signed_varint();
    worker.ordinal = fields.varint();
    worker.report.release = fields.text();
    worker.report.provider = fields.text();
    worker.report.runtime = fields.text();
    worker.report.queue_depth = fields.varint();
    if (const std::string_view hash = fields.rest(); hash.size() == sizeof(domain::Bytes16)) {
        worker.report.error_hash.emplace();
        std::copy(hash.begin(), hash.end(), worker.report.error_hash->begin());
    }
    return worker;
}

}  // namespace decklog::projections::platforms
