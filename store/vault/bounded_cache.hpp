// A map that forgets what was not asked for longest. For ids that are random or keyed hashes: their
// first bytes are the hash. Not thread-safe.
#pragma once

#include <cstring>
#include <list>
#include <unordered_map>
#include <utility>

namespace decklog::store {

template <class Key, class Value>
class BoundedCache {
  public:
    explicit BoundedCache(std::size_t entries_max) : entries_max_(entries_max) {}

    /// nullptr when absent; the pointer lives until the next put or erase.
    [[nodiscard]] const Value* find(const Key& key) {
        const auto place = places_.find(key);
        if (place == places_.end()) return nullptr;
        newest_first_.splice(newest_first_.begin(), newest_first_, place->second);
        return &place->second->second;
    }

    void put(const Key& key, Value value) {
        erase(key);
        newest_first_.emplace_front(key, std::move(value));
        places_.emplace(key, newest_first_.begin());
        if (places_.size() > entries_max_) erase(Key(newest_first_.back().first));
    }

    void erase(const Key& key) {
        const auto place = places_.find(key);
        if (place == places_.end()) return;
        newest_first_.erase(place->second);
        places_.erase(place);
    }

    [[nodiscard]] std::size_t size() const { return places_.size(); }

  private:
    struct FirstBytes {
        std::size_t operator()(const Key& key) const {
            static_assert(sizeof(Key) >= sizeof(std::size_t) && std::is_trivially_copyable_v<Key>);
            std::size_t hash = 0;
            std::memcpy(&hash, &key, sizeof hash);
            return hash;
        }
    };
    using Entries = std::list<std::pair<Key, Value>>;

    std::size_t entries_max_;
    Entries newest_first_;
    std::unordered_map<Key, typename Entries::iterator, FirstBytes> places_;
};

}  // namespace decklog::store
