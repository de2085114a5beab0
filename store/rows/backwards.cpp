#include "store/rows/backwards.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/rows/keys.hpp"

namespace decklog::store {
namespace {

constexpr std::uint64_t kFirstWindow = 64;     // ordinals
constexpr std::size_t kWindowRowsMax = 1'024;  // more are read again in a smaller window
constexpr std::size_t kWindowRowsFew = 64;     // fewer, and the next window is larger
constexpr std::uint64_t kWindowFactor = 8;

class Backwards {
  public:
    Backwards(rocksdb::Iterator& rows, std::string_view begin, std::string_view end)
        : rows_(rows),
          key_(begin),
          first_(trailing_u64(begin).value()),
          end_(trailing_u64(end).value()) {}

    void hand_to(const KeyValueSink& sink) {
        const auto last = last_ordinal();
        if (is_odd_) return hand_odd_row_to(sink);
        if (!last) return;
        std::uint64_t width = kFirstWindow;
        for (std::uint64_t end = *last + 1; end > first_;) {
            const std::uint64_t from = end - first_ > width ? end - width : first_;
            const bool is_whole = read(from, end);
            if (is_odd_) return hand_odd_row_to(sink);
            if (!is_whole && width > kWindowRowsMax) {
                width /= kWindowFactor;
                continue;
            }
            for (auto row = window_.rbegin(); row != window_.rend(); ++row)
                if (!sink(row->first, row->second)) return;
            if (window_.size() < kWindowRowsFew && width <= kOrdinalMax / kWindowFactor)
                width *= kWindowFactor;
            end = from;
        }
    }

  private:
    /// Damage: whoever asked judges it, as it does on the way forward.
    void hand_odd_row_to(const KeyValueSink& sink) {
        static_cast<void>(sink(rows_.key().ToStringView(), rows_.value().ToStringView()));
    }

    /// The ordinal of the row that the iterator stands on; nothing when there is no row, or one
    /// that is no key of this family.
    std::optional<std::uint64_t> here() {
        is_odd_ = rows_.Valid() && rows_.key().size() != key_.size();
        if (!rows_.Valid() || is_odd_) return std::nullopt;
        return trailing_u64(rows_.key().ToStringView());
    }

    /// The first row at or after the ordinal.
    std::optional<std::uint64_t> seek(std::uint64_t ordinal) {
        key_.resize(key_.size() - sizeof ordinal);
        for (unsigned shift = 64; shift > 0; shift -= 8)
            key_.push_back(static_cast<char>(ordinal >> (shift - 8) & 0xFFU));
        rows_.Seek(key_);
        return here();
    }

    /// Doubling steps up to where no row is left, then halving.
    std::optional<std::uint64_t> last_ordinal() {
        std::optional<std::uint64_t> found = seek(first_);
        if (!found) return std::nullopt;
        std::uint64_t none = end_;  // no row at or after it
        for (std::uint64_t step = 1; !is_odd_ && *found < none - 1;) {
            const bool leaps = step < none - *found;
            const std::uint64_t target = leaps ? *found + step : *found + (none - *found) / 2;
            if (const auto next = seek(target)) {
                found = next;
                step = step > kOrdinalMax / 2 ? step : step * 2;
            } else {
                none = target;
                step = kOrdinalMax;  // halving from here on
            }
        }
        return found;
    }

    /// Fills the window with the rows of [from, end); false when it is full before.
    bool read(std::uint64_t from, std::uint64_t end) {
        window_.clear();
        for (auto at = seek(from); at && *at < end;) {
            if (window_.size() == kWindowRowsMax) return false;
            window_.emplace_back(rows_.key().ToString(), rows_.value().ToString());
            rows_.Next();
            at = here();
        }
        return true;
    }

    rocksdb::Iterator& rows_;
    std::string key_;
    const std::uint64_t first_, end_;
    std::vector<std::pair<std::string, std::string>> window_;
    bool is_odd_ = false;
};

}  // namespace

void scan_backwards(rocksdb::Iterator& rows, std::string_view begin, std::string_view end,
                    const KeyValueSink& sink) {
    Backwards(rows, begin, end).hand_to(sink);
}

}  // namespace decklog::store
