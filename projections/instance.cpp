#include "projections/instance.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "domain/check.hpp"

namespace decklog::projections {
namespace {

std::string name_prefix(const View& view) {
    return fmt::format("{}.v{}.b", view.name(), view.logic_version());
}

/// The frame that holds the first event the view does not understand, and why.
struct StopAt {
    std::size_t frame = 0;
    std::size_t events_before = 0;  // in the frames before it
    std::string why;
};

StopAt find_stop(const View& view, const FoldInput& input) {
    StopAt stop{input.batch.frames().size(), input.events.size(), {}};
    std::size_t event = 0;
    for (std::size_t frame = 0; frame < input.batch.frames().size(); ++frame) {
        const std::size_t first = event;
        for (std::size_t i = 0; i < input.batch.frames()[frame]->event_count(); ++i, ++event) {
            std::string why = misunderstood(view, input.events[event]);
            if (!why.empty()) return {frame, first, std::move(why)};
        }
    }
    return stop;
}

}  // namespace

std::string instance_name(const View& view, std::uint32_t build) {
    return name_prefix(view) + std::to_string(build);
}

std::uint32_t build_of(const View& view, std::string_view instance) {
    const std::string prefix = name_prefix(view);
    if (!instance.starts_with(prefix)) return 0;
    const std::string_view digits = instance.substr(prefix.size());
    std::uint32_t build = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), build);
    return parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size() ? build : 0;
}

std::uint32_t next_build(const ViewsDatabase& database, const View& view) {
    std::uint32_t newest = 0;
    for (const auto& name : database.instances()) newest = std::max(newest, build_of(view, name));
    return newest + 1;
}

Instance::Instance(std::shared_ptr<const ViewsDatabase> database, const View& view,
                   std::string name, FamilyPtr family, ReadHealthPtr health)
    : database_(std::move(database)),
      view_(view),
      name_(std::move(name)),
      family_(std::move(family)),
      health_(std::move(health)) {}

domain::Result<InstancePtr> Instance::create(const std::shared_ptr<ViewsDatabase>& database,
                                             const View& view, std::uint32_t build,
                                             ReadHealthPtr health) {
    const std::string name = instance_name(view, build);
    auto family = database->create(name);
    if (!family) return tl::unexpected(family.error());
    InstancePtr instance(new Instance(database, view, name, *std::move(family), std::move(health)));
    rocksdb::WriteBatch batch;
    InstanceRecord record;
    record.fingerprint = view.fingerprint();
    database->put_record(batch, name, record);
    if (auto written = database->write(batch); !written) return tl::unexpected(written.error());
    return instance;
}

domain::Result<InstancePtr> Instance::resume(const std::shared_ptr<ViewsDatabase>& database,
                                             const View& view, const std::string& name,
                                             const InstanceRecord& record, ReadHealthPtr health) {
    auto parked = database->parked(name);
    if (!parked) return tl::unexpected(parked.error());
    InstancePtr instance(
        new Instance(database, view, name, database->find(name), std::move(health)));
    instance->parked_ = *std::move(parked);
    instance->standing_.next_ordinal = record.next_ordinal;
    instance->standing_.recorded_at_us = record.recorded_at_us;
    instance->standing_.chain = record.chain;
    instance->standing_.parked = instance->parked_.size();
    return instance;
}

void Instance::advance(const FoldInput& input) {
    const Standing before = standing();
    DECKLOG_CHECK(before.stopped.empty() && input.batch.first_ordinal() == before.next_ordinal);
    const StopAt stop = find_stop(view_, input);
    Batch understood = input.batch;
    understood.cut(stop.frame);
    if (!understood.empty()) {
        const domain::Bytes32 chain =
            stop.why.empty() ? input.chain_after : chain_after(before.chain, understood.frames());
        if (const auto written = write(understood, input.events.first(stop.events_before), chain);
            !written) {
            return trouble_with(written.error().context);
        }
    }
    if (!stop.why.empty()) stop_for(stop.why);
}

domain::Result<void> Instance::write(const Batch& batch, std::span<const domain::EventView> events,
                                     const domain::Bytes32& chain) {
    rocksdb::WriteBatch changes;
    RocksRowWriter writer(changes, *family_);
    const RocksRows before(family_, health_);
    ParkedKeys parked = fold_events(view_, before, events, writer, parked_);
    for (const auto& [key, at] : parked) database_->put_parked(changes, name_, key, at);
    if (const auto failure = health_->failure())
        return domain::fail(domain::ErrorCode::io, failure->what, true);
    const InstanceRecord record{batch.next_ordinal(),
                                batch.frames().back()->header().recorded_at_us, chain,
                                view_.fingerprint()};
    database_->put_record(changes, name_, record);
    if (auto written = database_->write(changes); !written) return written;
    keep(parked_, std::move(parked));
    const std::lock_guard lock(mutex_);
    backoff_.worked();
    standing_ = {record.next_ordinal,  record.recorded_at_us, record.chain, parked_.size(), {}, {},
                 backoff_.not_before()};
    return {};
}

void Instance::stop_for(std::string why) {
    const std::lock_guard lock(mutex_);
    standing_.stopped = std::move(why);
}

void Instance::trouble_with(std::string why) {
    const std::lock_guard lock(mutex_);
    backoff_.failed(Backoff::Clock::now());
    standing_.trouble = std::move(why);
    standing_.not_before = backoff_.not_before();
}

Standing Instance::standing() const {
    const std::lock_guard lock(mutex_);
    return standing_;
}

std::shared_ptr<const RocksRows> Instance::rows(SnapshotPtr at) const {
    return std::make_shared<RocksRows>(family_, health_, std::move(at));
}

}  // namespace decklog::projections
