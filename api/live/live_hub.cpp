#include "api/live/live_hub.hpp"

#include <algorithm>
#include <utility>

#include "api/queries/limits.hpp"

namespace decklog::api {
namespace {

class LiveSource final : public BodySource {
  public:
    explicit LiveSource(std::shared_ptr<LiveReader> reader) : reader_(std::move(reader)) {}
    ~LiveSource() override { reader_->close(); }
    LiveSource(const LiveSource&) = delete;
    LiveSource& operator=(const LiveSource&) = delete;
    void next(std::function<void(std::optional<std::string>)> piece) override {
        reader_->ask(std::move(piece));
    }

  private:
    std::shared_ptr<LiveReader> reader_;
};

}  // namespace

LiveHub::LiveHub(const Core& core)
    : core_(&core), thread_([this](const std::stop_token& stop) { run(stop); }) {
    subscription_ = core.ledger->on_durable([this](std::span<const store::FramePtr>) {
        const std::lock_guard lock(mutex_);
        rung_ = true;
        bell_.notify_one();
    });
}

LiveHub::~LiveHub() = default;

std::shared_ptr<BodySource> LiveHub::open(LivePlace place) {
    auto reader = std::make_shared<LiveReader>(*core_, std::move(place));
    const std::lock_guard lock(mutex_);
    std::erase_if(readers_, [](const auto& known) { return known.expired(); });
    readers_.push_back(reader);
    return std::make_shared<LiveSource>(std::move(reader));
}

std::vector<std::shared_ptr<LiveReader>> LiveHub::readers() {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<LiveReader>> alive;
    for (const auto& known : readers_) {
        if (auto reader = known.lock()) alive.push_back(std::move(reader));
    }
    return alive;
}

void LiveHub::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(mutex_);
            bell_.wait_for(lock, stop, limits::kLiveTurn,
                           [this] { return std::exchange(rung_, false); });
        }
        if (stop.stop_requested()) return;
        for (const auto& reader : readers()) reader->look();
    }
}

}  // namespace decklog::api
