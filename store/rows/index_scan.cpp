// Index scans: from what a reader looks for to the key range of one family, and back to positions.
#include <limits>

#include "store/rows/log_rows.hpp"

namespace decklog::store {
namespace {

/// The action of one of our own types stands in no event's bytes: its type index answers for it.
const domain::TypeInfo* type_of_action(std::string_view action) {
    for (const domain::TypeInfo& type : domain::all_types()) {
        if (!type.action.empty() && type.action == action) return &type;
    }
    return nullptr;
}

tl::unexpected<domain::Error> odd_key(RowFamily family) {
    return domain::fail(domain::ErrorCode::corrupt,
                        "ledger/ " + std::string(name_of(family)) + ": a key of an odd size");
}

/// Where a scan of keys `prefix, ordinal` begins and ends so that `after` and what lies before it
/// (in scan direction) is left out.
KeyRange range_after(const Key& prefix, Order order, std::optional<std::uint64_t> after) {
    if (!after) return ordinals_under(prefix);
    const std::uint64_t ordinal = after.value_or(0);
    return order == Order::ascending ? ordinals_under(prefix, ordinal + 1)
                                     : ordinals_under(prefix, 0, ordinal);
}

domain::Result<void> scan_ordinals(const RowReader& rows, std::uint32_t partition, RowFamily family,
                                   const KeyRange& range, Order order, const PositionSink& sink) {
    if (range.end.view() <= range.begin.view()) return {};
    bool odd = false;
    auto scanned = rows.scan(family, range.begin, range.end, order, Access::point,
                             [&](std::string_view key, std::string_view) {
                                 odd = key.size() != range.begin.view().size();
                                 return !odd && sink({partition, *trailing_u64(key)});
                             });
    if (scanned && odd) return odd_key(family);
    return scanned;
}

/// Smallest version of the stream whose ordinal is over `ordinal`: versions and ordinals grow
/// together.
domain::Result<std::uint64_t> version_after(const RowReader& rows, std::uint32_t partition,
                                            const domain::Bytes16& stream, std::uint64_t ordinal) {
    auto last = stored_stream_version(rows, partition, stream);
    if (!last) return last;
    std::uint64_t low = 1;
    std::uint64_t high = *last + 1;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        auto value = rows.get(RowFamily::stream, stream_key(partition, stream, middle));
        if (!value) return tl::unexpected(std::move(value).error());
        const auto found = *value ? parse_ordinal(**value) : std::nullopt;
        if (!found)
            return domain::fail(domain::ErrorCode::corrupt, "ledger/ stream: a version is missing");
        if (*found > ordinal) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

domain::Result<void> scan_stream(const RowReader& rows, std::uint32_t partition,
                                 const IndexKey& key, Order order,
                                 std::optional<std::uint64_t> after, const PositionSink& sink) {
    const domain::Bytes16 stream = stream_hash(key.workspace, key.text);
    KeyRange range = ordinals_under(stream_prefix(partition, stream));
    if (after) {
        const bool up = order == Order::ascending;
        if (!up && *after == 0) return {};
        auto version = version_after(rows, partition, stream, up ? *after : *after - 1);
        if (!version) return tl::unexpected(std::move(version).error());
        range = up ? ordinals_under(stream_prefix(partition, stream), *version)
                   : ordinals_under(stream_prefix(partition, stream), 0, *version);
    }
    bool odd = false;
    auto scanned = rows.scan(RowFamily::stream, range.begin, range.end, order, Access::point,
                             [&](std::string_view, std::string_view value) {
                                 const auto ordinal = parse_ordinal(value);
                                 odd = !ordinal.has_value();
                                 return !odd && sink({partition, *ordinal});
                             });
    if (scanned && odd) return domain::fail(domain::ErrorCode::corrupt, "ledger/ stream: odd row");
    return scanned;
}

domain::Result<void> scan_time(const RowReader& rows, std::uint32_t partition, const IndexKey& key,
                               Order order, std::optional<std::uint64_t> after,
                               const PositionSink& sink) {
    constexpr std::int64_t kFirst = std::numeric_limits<std::int64_t>::min();
    constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max();
    KeyRange range{time_key(partition, key.since_us.value_or(kFirst), 0),
                   key.until_us ? time_key(partition, *key.until_us, 0)
                                : time_key(partition, kLast, kOrdinalMax)};
    if (after) {
        auto frame = frame_at(rows, {partition, *after});
        if (!frame) return tl::unexpected(std::move(frame).error());
        const std::int64_t occurred_at_us =
            (*frame)->event(*after - (*frame)->first().ordinal).occurred_at_us();
        const Key first = time_key(partition, occurred_at_us, *after + 1);
        const Key end = time_key(partition, occurred_at_us, *after);
        if (order == Order::ascending && first.view() > range.begin.view()) range.begin = first;
        if (order == Order::descending && end.view() < range.end.view()) range.end = end;
    }
    return scan_ordinals(rows, partition, RowFamily::time, range, order, sink);
}

}  // namespace

domain::Result<void> scan_index(const RowReader& rows, std::uint32_t partition, const IndexKey& key,
                                Order order, std::optional<domain::Position> after,
                                const PositionSink& sink) {
    const std::optional<std::uint64_t> ordinal =
        after ? std::optional(after->ordinal) : std::nullopt;
    if (ordinal == kOrdinalMax)
        return domain::fail(domain::ErrorCode::not_found, "no such position");
    const auto by_prefix = [&](RowFamily family, const Key& prefix) {
        return scan_ordinals(rows, partition, family, range_after(prefix, order, ordinal), order,
                             sink);
    };
    switch (key.kind) {
        case IndexKey::Kind::stream:
            return scan_stream(rows, partition, key, order, ordinal, sink);
        case IndexKey::Kind::time:
            return scan_time(rows, partition, key, order, ordinal, sink);
        case IndexKey::Kind::type:
            return by_prefix(RowFamily::type, type_prefix(partition, key.type));
        case IndexKey::Kind::action:
            if (const domain::TypeInfo* type = type_of_action(key.text)) {
                return by_prefix(RowFamily::type,
                                 type_prefix(partition, static_cast<std::uint32_t>(type->type)));
            }
            return by_prefix(RowFamily::action, text_prefix(partition, key.text));
        case IndexKey::Kind::conversation:
            return by_prefix(RowFamily::conversation, text_prefix(partition, key.text));
        case IndexKey::Kind::correlation:
            return by_prefix(RowFamily::correlation, text_prefix(partition, key.text));
    }
    return domain::fail(domain::ErrorCode::invalid_argument, "no such index");
}

}  // namespace decklog::store
