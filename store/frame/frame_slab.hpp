// Memory for the frames of one reading: many frames share an allocation, and it lives as long as
// any of them. Else a reader of a whole log spends a fifth of its time on allocating, the more when
// another thread frees what it made. One thread takes; the frames may go to any.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace decklog::store {

class FrameSlab {
  public:
    /// Room for `words` words of 8 bytes, not set to anything.
    [[nodiscard]] std::shared_ptr<std::uint64_t> take(std::size_t words) {
        if (words > kWordsMax / 4) return alone(words);
        if (words > left_) begin_block();
        std::uint64_t* const room = free_;
        free_ += words;
        left_ -= words;
        return {block_, room};
    }
    /// An allocation of its own.
    [[nodiscard]] static std::shared_ptr<std::uint64_t> alone(std::size_t words) {
        auto block = std::make_shared_for_overwrite<std::uint64_t[]>(words);
        return {block, block.get()};
    }

  private:
    // Who keeps one frame keeps its block, so a short reading has small ones.
    static constexpr std::size_t kWordsMin = 512, kWordsMax = 8192;

    void begin_block() {
        size_ = std::min(4 * size_, kWordsMax);
        block_ = alone(size_);
        free_ = block_.get();
        left_ = size_;
    }

    std::shared_ptr<std::uint64_t> block_;
    std::uint64_t* free_ = nullptr;
    std::size_t left_ = 0;
    std::size_t size_ = kWordsMin;  // of the block before; the first one holds any frame
};

}  // namespace decklog::store
