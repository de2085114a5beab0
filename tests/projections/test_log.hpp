// A log in memory that a test writes frame by frame: real frames and chain, listeners called on the
// appending thread, and switches for what a real ledger does only in trouble (another history, no
// listener calls).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "domain/event.hpp"
#include "store/frame/crc32c.hpp"
#include "store/frame/frame.hpp"
#include "store/ledger.hpp"

namespace decklog::projections::test_log {

class TestLog final : public store::Ledger {
  public:
    TestLog() { ledger_.bytes.fill(0x7f); }

    /// One commit.
    void append(std::span<const domain::NewEvent> events) {
        std::vector<store::FramePtr> group{encode(events)};
        append_frames(group);
    }
    void append(const domain::NewEvent& event) { append(std::span(&event, 1)); }
    /// One commit of one event, as a newer build would write it: another type, or another schema
    /// version.
    void append_as(const domain::NewEvent& event, std::uint32_t type,
                   std::uint16_t schema_version) {
        const auto frame = encode(std::span(&event, 1));
        std::vector<std::uint8_t> bytes(frame->bytes().begin(), frame->bytes().end());
        const auto* table =
            reinterpret_cast<const flatbuffers::Table*>(frame->event(0).raw_table());
        const auto overwrite = [&](flatbuffers::voffset_t field, const auto& value) {
            std::memcpy(bytes.data() + (table->GetAddressOf(field) - frame->bytes().data()), &value,
                        sizeof value);
        };
        overwrite(fb::Event::VT_TYPE, type);
        overwrite(fb::Event::VT_SCHEMA_VERSION, schema_version);
        constexpr std::size_t kCrcAt = 12;
        const std::uint32_t none = 0;
        std::memcpy(bytes.data() + kCrcAt, &none, sizeof none);
        const std::uint32_t crc = store::crc32c(bytes);
        std::memcpy(bytes.data() + kCrcAt, &crc, sizeof crc);
        std::vector<store::FramePtr> group{store::Frame::decode(bytes).value()};
        append_frames(group);
    }
    /// One commit each, one durable group.
    void append_each(std::span<const domain::NewEvent> events) {
        std::vector<store::FramePtr> group;
        for (const auto& event : events) {
            group.push_back(encode(std::span(&event, 1)));
            next_ += 1;
        }
        next_ -= events.size();
        append_frames(group);
    }

    /// A frame made elsewhere, in its place.
    void append_frame(store::FramePtr frame) {
        const std::vector<store::FramePtr> group{std::move(frame)};
        append_frames(group);
    }

    /// Durable frames reach readers, but no listener hears of them.
    void set_deaf(bool deaf) { deaf_ = deaf; }
    /// Reading frames fails.
    void set_unreadable(bool unreadable) { unreadable_ = unreadable; }
    [[nodiscard]] std::size_t disk_reads() const {
        const std::lock_guard lock(mutex_);
        return disk_reads_;
    }

    [[nodiscard]] domain::LedgerId ledger_id() const override { return ledger_; }
    [[nodiscard]] store::Head head(std::uint32_t) const override {
        const std::lock_guard lock(mutex_);
        return head_;
    }
    domain::Result<void> read(domain::Position from, const store::FrameSink& sink) const override {
        if (unreadable_) return domain::fail(domain::ErrorCode::io, "the test says no");
        std::vector<store::FramePtr> frames;
        {
            const std::lock_guard lock(mutex_);
            ++disk_reads_;
            for (const auto& frame : frames_) {
                if (frame->last().ordinal >= from.ordinal) frames.push_back(frame);
            }
        }
        for (const auto& frame : frames) {
            if (!sink(frame)) break;
        }
        return {};
    }
    [[nodiscard]] domain::Result<store::FramePtr> frame_at(
        domain::Position position) const override {
        const std::lock_guard lock(mutex_);
        for (const auto& frame : frames_) {
            if (frame->first() <= position && position <= frame->last()) return frame;
        }
        return domain::fail(domain::ErrorCode::not_found, "past the end");
    }
    [[nodiscard]] domain::Result<domain::Bytes32> chain_before(
        domain::Position position) const override {
        const std::lock_guard lock(mutex_);
        const auto found = chains_.find(position.ordinal);
        if (found == chains_.end())
            return domain::fail(domain::ErrorCode::not_found, "no frame boundary");
        return found->second;
    }
    domain::Result<void> scan(std::uint32_t, const store::IndexKey&, store::Order,
                              std::optional<domain::Position>,
                              const store::PositionSink&) const override {
        return domain::fail(domain::ErrorCode::invalid_argument, "no indexes here");
    }
    [[nodiscard]] domain::Result<std::uint64_t> stream_version(
        const domain::StreamRef&) const override {
        return 0U;
    }
    [[nodiscard]] domain::Result<domain::Bytes> raw_body(const domain::RawRef&) const override {
        return domain::fail(domain::ErrorCode::not_found, "no raw bodies here");
    }
    [[nodiscard]] std::unique_ptr<store::Subscription> on_durable(Listener listener) override {
        const std::lock_guard lock(listener_mutex_);
        listeners_.emplace(++last_listener_, std::move(listener));
        return std::make_unique<Handle>(*this, last_listener_);
    }

    void submit(std::uint32_t, std::vector<store::Submission>, store::Completion) override {}
    [[nodiscard]] store::WriterState state() const override { return store::WriterState::ready; }
    [[nodiscard]] std::int64_t clock_behind_us() const override { return 0; }
    [[nodiscard]] domain::Result<bool> adds_nothing(const store::Submission&) const override {
        return false;
    }
    [[nodiscard]] std::size_t queue_depth() const override { return 0; }
    [[nodiscard]] std::int64_t last_turn_boot_us() const override { return 0; }
    void stop() override {}

  private:
    struct Handle final : store::Subscription {
        Handle(TestLog& log, std::uint64_t id) : log_(log), id_(id) {}
        ~Handle() override {
            const std::lock_guard lock(log_.listener_mutex_);
            log_.listeners_.erase(id_);
        }
        TestLog& log_;
        std::uint64_t id_;
    };

    store::FramePtr encode(std::span<const domain::NewEvent> events) {
        std::vector<store::PlacedEvent> placed;
        for (const auto& event : events) {
            domain::EventId id;
            for (std::size_t i = 0; i < 8; ++i) {
                id.bytes[15 - i] = static_cast<std::uint8_t>((next_ + placed.size()) >> (8 * i));
            }
            placed.push_back({&event, id, ++versions_[event.workspace + '\0' + event.stream]});
        }
        recorded_at_us_ = std::max(recorded_at_us_ + 1, events.front().occurred_at_us);
        return store::Frame::encode(ledger_, {0, next_}, recorded_at_us_, std::nullopt, {}, placed);
    }

    void append_frames(std::span<const store::FramePtr> group) {
        {
            const std::lock_guard lock(mutex_);
            for (const auto& frame : group) {
                chains_[frame->first().ordinal] = head_.chain;
                frames_.push_back(frame);
                head_.chain = store::chain_step(head_.chain, *frame);
                head_.next_ordinal = next_ = frame->last().ordinal + 1;
                head_.recorded_at_us = frame->header().recorded_at_us;
            }
            chains_[next_] = head_.chain;
        }
        const std::lock_guard lock(listener_mutex_);
        if (deaf_) return;
        for (const auto& [id, listener] : listeners_) listener(group);
    }

    domain::LedgerId ledger_;
    std::uint64_t next_ = 0;
    std::int64_t recorded_at_us_ = 0;
    bool deaf_ = false;
    std::atomic<bool> unreadable_{false};
    std::map<std::string, std::uint64_t> versions_;
    mutable std::mutex mutex_;
    std::vector<store::FramePtr> frames_;
    std::map<std::uint64_t, domain::Bytes32> chains_;
    store::Head head_;
    mutable std::size_t disk_reads_ = 0;
    std::mutex listener_mutex_;
    std::uint64_t last_listener_ = 0;
    std::map<std::uint64_t, Listener> listeners_;
};

}  // namespace decklog::projections::test_log
