#include "store/verify/verify_index.hpp"

#include "store/rows/commit_rows.hpp"

namespace decklog::store {
namespace {

std::string in(RowFamily family, std::string_view problem) {
    return "index " + std::string(name_of(family)) + ": " + std::string(problem);
}

/// The event that a row of an index claims to be about; nothing when the row has an odd size.
std::optional<std::uint64_t> ordinal_of(RowFamily family, std::string_view key,
                                        std::string_view value) {
    if (family == RowFamily::stream) return parse_ordinal(value);
    if (family == RowFamily::command) {
        const auto row = parse_command(value);
        return row ? std::optional(row->first_ordinal) : std::nullopt;
    }
    return trailing_u64(key);
}

/// Versions of a stream are 1, 2, 3 … in key order.
class DenseVersions {
  public:
    bool take(std::string_view key) {
        if (key.size() != stream_key(0, {}, 0).view().size()) return false;
        const std::string_view stream = key.substr(0, key.size() - sizeof(std::uint64_t));
        if (stream != stream_) {
            stream_ = stream;
            version_ = 0;
            ++streams;
        }
        return trailing_u64(key) == ++version_;
    }
    std::uint64_t streams = 0;

  private:
    std::string stream_;
    std::uint64_t version_ = 0;
};

bool demands(const Frame& frame, RowFamily family, std::string_view key, std::string_view value) {
    bool found = false;
    for_each_index_row(
        frame, [&](RowFamily demanded, std::string_view its_key, std::string_view its_value) {
            found = found || (demanded == family && its_key == key && its_value == value);
        });
    return found;
}

std::optional<Fault> find_missing(const RowReader& rows, std::uint32_t partition,
                                  RowFamily family) {
    std::optional<Fault> fault;
    const auto read = read_frames(rows, {partition, 0}, [&](const FramePtr& frame) {
        for_each_index_row(
            *frame, [&](RowFamily demanded, std::string_view key, std::string_view value) {
                if (demanded != family || fault) return;
                const auto held = rows.get(family, key);
                if (held && *held && **held == value) return;
                const std::uint64_t ordinal =
                    ordinal_of(family, key, value).value_or(frame->first().ordinal);
                fault = Fault{{partition, ordinal},
                              in(family, held && *held ? "a row differs" : "a row is missing")};
            });
        return !fault;
    });
    if (!read && !fault) fault = Fault{{partition, 0}, read.error().context};
    return fault;
}

std::optional<Fault> find_surplus(const RowReader& rows, std::uint32_t partition,
                                  RowFamily family) {
    std::optional<Fault> fault;
    const KeyRange range = whole_partition(partition);
    const auto scanned =
        rows.scan(family, range.begin, range.end, Order::ascending, Access::bulk,
                  [&](std::string_view key, std::string_view value) {
                      const std::uint64_t ordinal = ordinal_of(family, key, value).value_or(0);
                      const auto frame = frame_at(rows, {partition, ordinal});
                      if (frame && demands(**frame, family, key, value)) return true;
                      fault = Fault{{partition, ordinal}, in(family, "a row belongs to no event")};
                      return false;
                  });
    if (!scanned && !fault) fault = Fault{{partition, 0}, scanned.error().context};
    return fault;
}

}  // namespace

IndexPass pass_over_indexes(const RowReader& rows, std::uint32_t partition, const RowSumKey& key,
                            const std::atomic<bool>& ended) {
    IndexPass pass(key);
    const KeyRange range = whole_partition(partition);
    const auto fault = [&](std::uint64_t ordinal, std::string problem) {
        if (!pass.fault) pass.fault = Fault{{partition, ordinal}, std::move(problem)};
        return false;
    };
    DenseVersions versions;
    for (const RowFamily family : kIndexFamilies) {
        const auto scanned =
            rows.scan(family, range.begin, range.end, Order::ascending, Access::bulk,
                      [&](std::string_view row_key, std::string_view value) {
                          if (ended.load(std::memory_order_relaxed)) return false;
                          const auto ordinal = ordinal_of(family, row_key, value);
                          if (!ordinal || !pass.held.of(family).add(row_key, value))
                              return fault(0, in(family, "an odd row"));
                          if (family == RowFamily::stream && !versions.take(row_key)) {
                              return fault(*ordinal, in(family, "versions are not dense"));
                          }
                          return true;
                      });
        if (!scanned && !pass.unread) pass.unread = Fault{{partition, 0}, scanned.error().context};
    }
    pass.streams = versions.streams;
    const auto counted = rows.scan(RowFamily::raw, range.begin, range.end, Order::ascending,
                                   Access::bulk, [&](std::string_view, std::string_view) {
                                       ++pass.raw_bodies;
                                       return true;
                                   });
    if (!counted && !pass.unread) pass.unread = Fault{{partition, 0}, counted.error().context};
    return pass;
}

Fault find_difference(const RowReader& rows, std::uint32_t partition, RowFamily family) {
    if (auto missing = find_missing(rows, partition, family)) return *missing;
    if (auto surplus = find_surplus(rows, partition, family)) return *surplus;
    return {{partition, 0}, in(family, "its rows are not those of the log")};
}

}  // namespace decklog::store
