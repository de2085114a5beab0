#include "projections/row_changes.hpp"

#include <algorithm>

namespace decklog::projections {
namespace {

std::uint64_t beginning_of(std::string_view key) {
    constexpr std::size_t kBytes = sizeof(std::uint64_t);
    std::uint64_t begins = 0;
    for (std::size_t i = 0; i < kBytes; ++i)
        begins = (begins << 8U) | (i < key.size() ? static_cast<std::uint8_t>(key[i]) : 0U);
    return begins;
}

}  // namespace

void RowChanges::put(std::string_view key, std::string_view value) { add(Kind::put, key, value); }

void RowChanges::erase(std::string_view key) { add(Kind::erase, key, {}); }

void RowChanges::add_counts(std::string_view key, std::string_view packed_delta) {
    add(Kind::add_counts, key, packed_delta);
}

void RowChanges::add(Kind kind, std::string_view key, std::string_view value) {
    changes_.push_back({beginning_of(key), bytes_.size(), static_cast<std::uint32_t>(key.size()),
                        static_cast<std::uint32_t>(value.size()), kind});
    bytes_.append(key).append(value);
}

bool RowChanges::before(const Change& left, const Change& right) const {
    if (left.key_begins != right.key_begins) return left.key_begins < right.key_begins;
    const int order = key(left).compare(key(right));
    return order != 0 ? order < 0 : left.at < right.at;
}

void RowChanges::apply_to(RowWriter& rows) && {
    std::sort(changes_.begin(), changes_.end(),
              [this](const Change& left, const Change& right) { return before(left, right); });
    for (const Change& change : changes_) {
        switch (change.kind) {
            case Kind::put:
                rows.put(key(change), value(change));
                break;
            case Kind::erase:
                rows.erase(key(change));
                break;
            case Kind::add_counts:
                rows.add_counts(key(change), value(change));
                break;
        }
    }
}

}  // namespace decklog::projections
