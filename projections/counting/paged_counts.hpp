// Counts by dense number, for numbers of which a window touches few: pages come when they are
// touched, so a query's memory follows its window and not the whole history. One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace decklog::projections::counting {

class PagedCounts {
  public:
    void add(std::uint32_t number, std::int64_t count) {
        const std::size_t page = number / kPageSize;
        if (page >= pages_.size()) pages_.resize(page + 1);
        if (!pages_[page]) pages_[page] = std::make_unique<Page>();
        (*pages_[page])[number % kPageSize] += count;
    }
    [[nodiscard]] std::int64_t of(std::uint32_t number) const {
        const std::size_t page = number / kPageSize;
        if (page >= pages_.size() || !pages_[page]) return 0;
        return (*pages_[page])[number % kPageSize];
    }
    /// Nothing was ever added.
    [[nodiscard]] bool empty() const { return pages_.empty(); }
    /// sink(number, count) for every count that is not zero, by number.
    template <class Sink>
    void each(const Sink& sink) const {
        for (std::size_t page = 0; page < pages_.size(); ++page) {
            if (!pages_[page]) continue;
            for (std::size_t i = 0; i < kPageSize; ++i) {
                if (const std::int64_t count = (*pages_[page])[i]; count != 0) {
                    sink(static_cast<std::uint32_t>(page * kPageSize + i), count);
                }
            }
        }
    }

  private:
    static constexpr std::size_t kPageSize = 1024;
    using Page = std::array<std::int64_t, kPageSize>;
    std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace decklog::projections::counting
