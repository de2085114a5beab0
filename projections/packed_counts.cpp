#include "projections/packed_counts.hpp"

#include <utility>
#include <vector>

#include "domain/check.hpp"

namespace decklog::projections {
namespace {

constexpr unsigned kVarintBits = 7;
constexpr std::uint64_t kVarintMore = 0x80;
constexpr unsigned kLastShift = 63;  // the tenth byte holds the top bit only

void put_varint(std::string& out, std::uint64_t value) {
    while (value >= kVarintMore) {
        out.push_back(static_cast<char>(value | kVarintMore));
        value >>= kVarintBits;
    }
    out.push_back(static_cast<char>(value));
}

std::optional<std::uint64_t> take_varint(std::string_view& rest) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift <= kLastShift && !rest.empty(); shift += kVarintBits) {
        const auto byte = static_cast<std::uint8_t>(rest.front());
        rest.remove_prefix(1);
        if (shift == kLastShift && byte > 1) return std::nullopt;
        value |= (byte & ~kVarintMore) << shift;
        if ((byte & kVarintMore) != 0) continue;
        const bool longer_than_needed = byte == 0 && shift != 0;
        return longer_than_needed ? std::nullopt : std::optional(value);
    }
    return std::nullopt;
}

std::uint64_t zigzag(std::int64_t count) {
    return (static_cast<std::uint64_t>(count) << 1U) ^ static_cast<std::uint64_t>(count >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

std::int64_t wrapping_sum(std::int64_t left, std::int64_t right) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(left) +
                                     static_cast<std::uint64_t>(right));
}

tl::unexpected<domain::Error> not_canonical() {
    return domain::fail(domain::ErrorCode::corrupt, "packed counts: bytes are not canonical");
}

}  // namespace

std::optional<Count> CountReader::next() {
    if (rest_.empty() || malformed_) return std::nullopt;
    malformed_ = true;  // until the whole entry has proved well formed
    const auto key_size = take_varint(rest_);
    if (!key_size || *key_size > rest_.size()) return std::nullopt;
    const std::string_view key = rest_.substr(0, static_cast<std::size_t>(*key_size));
    rest_.remove_prefix(key.size());
    const auto count = take_varint(rest_);
    if (!count || *count == 0) return std::nullopt;
    if (!first_ && key <= last_key_) return std::nullopt;
    first_ = false;
    last_key_ = key;
    malformed_ = false;
    return Count{key, unzigzag(*count)};
}

void CountWriter::append(std::string_view key, std::int64_t count) {
    if (count == 0) return;
    const std::string_view last = std::string_view(packed_).substr(last_key_at_, last_key_size_);
    DECKLOG_CHECK(packed_.empty() || last < key);
    put_varint(packed_, key.size());
    last_key_at_ = packed_.size();
    last_key_size_ = key.size();
    packed_.append(key);
    put_varint(packed_, zigzag(count));
}

void CountDelta::add(std::string_view key, std::int64_t count) {
    const auto found = counts_.find(key);
    if (found == counts_.end()) {
        if (count != 0) counts_.emplace(key, count);
        return;
    }
    found->second = wrapping_sum(found->second, count);
    if (found->second == 0) counts_.erase(found);
}

std::string CountDelta::packed() const {
    CountWriter writer;
    for (const auto& [key, count] : counts_) writer.append(key, count);
    return std::move(writer).take();
}

domain::Result<std::string> add(std::string_view left, std::string_view right) {
    CountReader lefts(left);
    CountReader rights(right);
    CountWriter writer;
    auto a = lefts.next();
    auto b = rights.next();
    while (a && b) {
        if (a->key < b->key) {
            writer.append(a->key, a->count);
            a = lefts.next();
        } else if (b->key < a->key) {
            writer.append(b->key, b->count);
            b = rights.next();
        } else {
            writer.append(a->key, wrapping_sum(a->count, b->count));
            a = lefts.next();
            b = rights.next();
        }
    }
    for (; a; a = lefts.next()) writer.append(a->key, a->count);
    for (; b; b = rights.next()) writer.append(b->key, b->count);
    if (lefts.malformed() || rights.malformed()) return not_canonical();
    return std::move(writer).take();
}

domain::Result<std::string> sum(std::span<const std::string_view> sets) {
    // Halving keeps a row of n entries with k deltas at n log k, where adding them one by one costs
    // n k.
    if (sets.empty()) return std::string();
    if (sets.size() == 1) return add(sets.front(), {});
    const std::size_t half = sets.size() / 2;
    const auto left = sum(sets.first(half));
    if (!left) return left;
    const auto right = sum(sets.subspan(half));
    if (!right) return right;
    return add(*left, *right);
}

domain::Result<std::int64_t> count_of(std::string_view packed, std::string_view key) {
    CountReader reader(packed);
    std::int64_t found = 0;
    while (const auto entry = reader.next()) {
        if (entry->key == key) found = entry->count;
    }
    if (reader.malformed()) return not_canonical();
    return found;
}

}  // namespace decklog::projections
