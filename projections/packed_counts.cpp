#include "projections/packed_counts.hpp"

#include <utility>
#include <vector>

#include "domain/check.hpp"

namespace decklog::projections {
namespace {

std::int64_t wrapping_sum(std::int64_t left, std::int64_t right) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(left) +
                                     static_cast<std::uint64_t>(right));
}

tl::unexpected<domain::Error> not_canonical() {
    return domain::fail(domain::ErrorCode::corrupt, "packed counts: bytes are not canonical");
}

}  // namespace

// Nearly every entry has a short key and a count of one byte; the others take the long way.
Count CountReader::one() {
    constexpr std::uint8_t kMore = 0x80;
    const auto byte_at = [this](std::size_t at) { return static_cast<std::uint8_t>(rest_[at]); };
    const std::size_t size = byte_at(0);
    if (size < kMore && rest_.size() >= size + 2 && byte_at(size + 1) < kMore) {
        const int zigzag = byte_at(size + 1);
        const Count entry{rest_.substr(1, size), (zigzag >> 1) ^ -(zigzag & 1)};
        rest_.remove_prefix(size + 2);
        return entry;
    }
    RowBytes bytes(rest_);
    Count entry;
    entry.key = bytes.text();
    entry.count = bytes.signed_varint();
    malformed_ = !bytes.ok();
    rest_ = bytes.rest();
    return entry;
}

std::optional<Count> CountReader::next() {
    if (rest_.empty() || malformed_) return std::nullopt;
    const Count entry = one();
    malformed_ = malformed_ || entry.count == 0 || (!first_ && entry.key <= last_key_);
    if (malformed_) return std::nullopt;
    first_ = false;
    last_key_ = entry.key;
    return entry;
}

void CountWriter::append(std::string_view key, std::int64_t count) {
    if (count == 0) return;
    const std::string_view last = std::string_view(packed_).substr(last_key_at_, last_key_size_);
    DECKLOG_CHECK(packed_.empty() || last < key);
    put_varint(packed_, key.size());
    last_key_at_ = packed_.size();
    last_key_size_ = key.size();
    packed_.append(key);
    put_signed(packed_, count);
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
    // Readers see to it that keys ascend, so their sum can be put down as it comes.
    std::string packed;
    packed.reserve(left.size() + right.size());
    const auto put = [&packed](const Count& entry) { put_count(packed, entry.key, entry.count); };
    auto a = lefts.next();
    auto b = rights.next();
    while (a && b) {
        const int order = a->key.compare(b->key);
        if (order < 0) {
            put(*a);
            a = lefts.next();
        } else if (order > 0) {
            put(*b);
            b = rights.next();
        } else {
            const std::int64_t total = wrapping_sum(a->count, b->count);
            if (total != 0) put({a->key, total});
            a = lefts.next();
            b = rights.next();
        }
    }
    for (; a; a = lefts.next()) put(*a);
    for (; b; b = rights.next()) put(*b);
    if (lefts.malformed() || rights.malformed()) return not_canonical();
    return packed;
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
