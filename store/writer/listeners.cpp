#include "store/writer/listeners.hpp"

namespace decklog::store {

class Listeners::Handle final : public Subscription {
  public:
    Handle(std::shared_ptr<Registry> registry, std::list<LogReader::Listener>::iterator mine)
        : registry_(std::move(registry)), mine_(mine) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() override {
        const std::lock_guard lock(registry_->mutex);
        registry_->listeners.erase(mine_);
    }

  private:
    std::shared_ptr<Registry> registry_;
    std::list<LogReader::Listener>::iterator mine_;
};

std::unique_ptr<Subscription> Listeners::add(LogReader::Listener listener) {
    const std::lock_guard lock(registry_->mutex);
    registry_->listeners.push_back(std::move(listener));
    return std::make_unique<Handle>(registry_, std::prev(registry_->listeners.end()));
}

void Listeners::tell(std::span<const FramePtr> frames) const {
    const std::lock_guard lock(registry_->mutex);
    for (const LogReader::Listener& listener : registry_->listeners) listener(frames);
}

}  // namespace decklog::store
