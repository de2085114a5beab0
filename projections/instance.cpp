#include "projections/instance.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "domain/check.hpp"
#include "projections/row_changes.hpp"

namespace decklog::projections {
namespace {

std::string name_prefix(const View& view) {
    return fmt::format("{}.v{}.b", view.name(), view.logic_version());
}

/// Why the view stops before this frame; empty: it does not.
std::string misunderstood(const View& view, const store::Frame& frame) {
    std::string why;
    for (std::size_t i = 0; i < frame.event_count() && why.empty(); ++i)
        why = misunderstood(view, frame.event(i));
    return why;
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
      health_(std::move(health)),
      newest_(family_, health_) {}

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

void Instance::advance(std::span<const store::FramePtr> frames, const domain::Bytes32& chain) {
    const domain::Bytes32 before = standing().chain;
    const std::size_t taken = take(frames);
    commit(taken == frames.size() ? chain : chain_after(before, frames.first(taken)));
}

std::size_t Instance::take(std::span<const store::FramePtr> frames) {
    const Standing now = standing();
    DECKLOG_CHECK(now.stopped.empty());
    if (!fold_) fold_ = view_.begin(newest_);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const store::Frame& frame = *frames[i];
        DECKLOG_CHECK(frame.first().ordinal ==
                      (taken_.next_ordinal != 0 ? taken_.next_ordinal : now.next_ordinal));
        taken_.stopped = misunderstood(view_, frame);
        if (!taken_.stopped.empty()) return i;
        for (std::size_t event = 0; event < frame.event_count(); ++event)
            apply_event(*fold_, frame.event(event), parked_, taken_.parked);
        taken_.next_ordinal = frame.last().ordinal + 1;
        taken_.recorded_at_us = frame.header().recorded_at_us;
    }
    return frames.size();
}

void Instance::commit(const domain::Bytes32& chain) {
    std::string stopped = std::move(taken_.stopped);
    if (taken_.next_ordinal != 0) {
        if (const auto written = write(chain); !written) {
            drop_taken();
            return trouble_with(written.error().context);
        }
        taken_ = {};
    }
    if (!stopped.empty()) stop_for(std::move(stopped));
}

void Instance::drop_taken() {
    if (taken_.next_ordinal != 0) fold_.reset();
    taken_ = {};
}

domain::Result<void> Instance::write(const domain::Bytes32& chain) {
    RowChanges folded;
    fold_->finish(folded);
    rocksdb::WriteBatch changes(folded.bytes());
    RocksRowWriter writer(changes, *family_);
    std::move(folded).apply_to(writer);
    for (const auto& [key, at] : taken_.parked) database_->put_parked(changes, name_, key, at);
    if (const auto failure = health_->failure())
        return domain::fail(domain::ErrorCode::io, failure->what, true);
    const InstanceRecord record{taken_.next_ordinal, taken_.recorded_at_us, chain,
                                view_.fingerprint()};
    database_->put_record(changes, name_, record);
    if (auto written = database_->write(changes); !written) return written;
    keep(parked_, std::move(taken_.parked));
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
