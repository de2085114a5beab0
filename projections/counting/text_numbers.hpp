// Texts and the number each has, found with two memory accesses: one in a table of hashes, one in
// the bytes of all texts, which stand one after the other. A map of strings needs four, and folding
// looks up several texts an event. The order in the table is never seen by anyone. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace decklog::projections::counting {

class TextNumbers {
  public:
    /// 0: not here.
    [[nodiscard]] std::uint32_t find(std::string_view text) const;
    /// A text that is not here yet, and a number that is not 0.
    void insert(std::string_view text, std::uint32_t number);
    [[nodiscard]] std::size_t size() const { return size_; }
    void clear() { *this = TextNumbers(); }

  private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t number = 0;  // 0: free
        std::uint32_t begin = 0;   // of the text, in bytes_
        std::uint32_t bytes = 0;
    };
    static std::uint32_t hash_of(std::string_view text);
    void place(const Slot& slot);
    void grow();

    std::vector<Slot> slots_;  // a power of two, at most half full
    std::string bytes_;
    std::size_t size_ = 0;
};

}  // namespace decklog::projections::counting
