// Where the rows of a ledger live: sorted maps of bytes, one a family, written in atomic batches.
// Two implementations, RocksDB and memory, under one writer and one reader, so that neither can
// tell which it stands on. Keys: store/rows/keys.hpp.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::store {

enum class RowFamily : std::uint8_t {
    log,
    stream,
    command,
    time,
    type,
    action,
    conversation,
    correlation,
    raw,
    meta
};
inline constexpr std::array<std::string_view, 10> kRowFamilyNames = {
    "log",    "stream",       "command",     "time", "type",
    "action", "conversation", "correlation", "raw",  "meta"};
[[nodiscard]] constexpr std::size_t index_of(RowFamily family) {
    return static_cast<std::size_t>(family);
}
[[nodiscard]] constexpr std::string_view name_of(RowFamily family) {
    return kRowFamilyNames[index_of(family)];
}

/// Point reads want the block cache, whole passes want readahead and leave the cache alone.
enum class Access : std::uint8_t { point, bulk };

/// Returns false to stop. The bytes are valid during the call.
using KeyValueSink = std::function<bool(std::string_view key, std::string_view value)>;

/// Thread-safe.
class RowReader {
  public:
    virtual ~RowReader() = default;
    [[nodiscard]] virtual domain::Result<std::optional<std::string>> get(
        RowFamily family, std::string_view key) const = 0;
    /// Rows with begin <= key < end, in key order or against it.
    [[nodiscard]] virtual domain::Result<void> scan(RowFamily family, std::string_view begin,
                                                    std::string_view end, Order order,
                                                    Access access,
                                                    const KeyValueSink& sink) const = 0;
};

/// Keys with begin <= key <= end: both may be the same key.
struct RowRange {
    std::string begin, end;
};

/// Collects writes; nothing is visible before RowStore::commit.
class RowBatch {
  public:
    virtual ~RowBatch() = default;
    virtual void put(RowFamily family, std::string_view key, std::string_view value) = 0;
    virtual void erase(RowFamily family, std::string_view key) = 0;
    /// All rows with begin <= key < end.
    virtual void erase_range(RowFamily family, std::string_view begin, std::string_view end) = 0;
    [[nodiscard]] virtual std::size_t bytes() const = 0;
};

class RowStore : public RowReader {
  public:
    [[nodiscard]] virtual std::unique_ptr<RowBatch> new_batch() const = 0;
    /// For hundreds of thousands of rows at once, and puts alone: the more of them, the quicker
    /// than another batch.
    [[nodiscard]] virtual std::unique_ptr<RowBatch> new_bulk_batch() const { return new_batch(); }
    /// Durable and visible as a whole when it returns; after an error neither is known. Called by
    /// one thread at a time.
    [[nodiscard]] virtual domain::Result<void> commit(RowBatch& batch) = 0;
    /// The storage failed, maybe behind the caller's back: every later commit is refused with it.
    [[nodiscard]] virtual std::optional<domain::Error> failure() const { return std::nullopt; }
    /// Makes rows that were erased between begin and end, and durably so, unreadable in the files
    /// too: a database keeps what was deleted for as long as it likes. Any thread, beside commits;
    /// takes as long as rewriting the files that hold these keys. Errors: busy (retryable: an older
    /// snapshot or a copy in progress still needs the bytes), stopped (`cancelled` was set), io.
    [[nodiscard]] virtual domain::Result<void> purge(RowFamily family,
                                                     std::span<const RowRange> ranges,
                                                     std::atomic<bool>* cancelled) = 0;
    /// The rows as they are now, unmoved by later commits. The store outlives it.
    [[nodiscard]] virtual std::unique_ptr<RowReader> snapshot() const = 0;
};

}  // namespace decklog::store
