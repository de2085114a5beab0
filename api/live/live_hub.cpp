#include "api/live/live_hub.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <typeinfo>
#include <utility>

#include "api/queries/limits.hpp"
#include "store/log.hpp"

namespace decklog::api {
namespace {

class LiveSource final : public BodySource {
  public:
    LiveSource(std::shared_ptr<LiveReader> reader, std::shared_ptr<std::atomic<int>> open)
        : reader_(std::move(reader)), open_(std::move(open)) {
        ++*open_;
    }
    ~LiveSource() override {
        --*open_;
        reader_->close();
    }
    LiveSource(const LiveSource&) = delete;
    LiveSource& operator=(const LiveSource&) = delete;
    void next(std::function<void(std::optional<std::string>)> piece) override {
        reader_->ask(std::move(piece));
    }

  private:
    std::shared_ptr<LiveReader> reader_;
    std::shared_ptr<std::atomic<int>> open_;
};

}  // namespace

LiveHub::LiveHub(const Core& core)
    : core_(&core),
      news_(std::make_shared<LiveNews>(core.ledger->partitions())),
      reading_(std::make_unique<boost::asio::thread_pool>(limits::kLiveThreads)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {
    subscription_ = core.ledger->on_durable([this](std::span<const store::FramePtr> frames) {
        if (*open_ > 0) {
            news_->push(frames);
        } else {
            news_->clear();
        }
        ring();
    });
}

LiveHub::~LiveHub() = default;

void LiveHub::ring() {
    const std::lock_guard lock(mutex_);
    rung_ = true;
    bell_.notify_one();
}

/// Exceptions end here: the reader's stream ends, others go on.
void LiveHub::read_later(std::shared_ptr<LiveReader> reader) {
    boost::asio::post(*reading_, [reader = std::move(reader)] {
        try {
            return reader->read();
        } catch (const std::exception& caught) {
            store::log_error("http", {}, "a live stream ends with {}", typeid(caught).name());
        }
        reader->fail();
    });
}

std::shared_ptr<BodySource> LiveHub::open(LivePlace place) {
    LiveReader::Hub asked;
    asked.read_later = [this](std::shared_ptr<LiveReader> ready) { read_later(std::move(ready)); };
    asked.ring = [this] { ring(); };
    asked.news = news_;
    auto reader = std::make_shared<LiveReader>(*core_, std::move(asked), std::move(place));
    const std::lock_guard lock(mutex_);
    std::erase_if(readers_, [](const auto& known) { return known.expired(); });
    readers_.push_back(reader);
    return std::make_shared<LiveSource>(std::move(reader), open_);
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
        bool is_gathering = false;
        for (const auto& reader : readers()) is_gathering = reader->look() || is_gathering;
        if (!is_gathering) continue;
        std::this_thread::sleep_for(limits::kLiveGather);
        ring();
    }
}

}  // namespace decklog::api
