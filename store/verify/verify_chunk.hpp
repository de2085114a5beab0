// What can be checked of a frame without those before it: that it decodes and stands under its own
// position, the digest of its body, and the sums of the rows that it demands of the indexes. That
// is most of the work of verify, so it is done for several chunks of the log at once.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/frame/frame.hpp"
#include "store/rows/row_sum.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

struct FamilySums {
    explicit FamilySums(const RowSumKey& key);
    [[nodiscard]] RowSum& of(RowFamily family) { return sums[index_of(family)]; }
    void add(const FamilySums& others);
    std::vector<RowSum> sums;  // by index_of(RowFamily)
};

/// Rows of the log as they were read.
class LogChunk {
  public:
    void add(std::string_view key, std::string_view value);
    /// Keeps its memory.
    void clear();
    [[nodiscard]] bool full() const;
    /// Calls back with (key, value), which stand as long as the chunk, until it says false.
    template <class Sink>
    void each(const Sink& sink) const {
        const std::string_view bytes(bytes_.data(), bytes_.size());
        for (const Row& row : rows_) {
            if (!sink(bytes.substr(row.key, row.value - row.key),
                      bytes.substr(row.value, row.end - row.value)))
                return;
        }
    }

  private:
    struct Row {
        std::size_t key, value, end;  // in bytes_
    };
    std::vector<char> bytes_;  // moves without moving its bytes
    std::vector<Row> rows_;
};

struct CheckedFrame {
    FrameHeader header;
    std::span<const std::uint8_t> bytes;  // in the chunk's rows
    domain::Bytes32 body{};               // digest of the body
    FramePtr frame;                       // only one that may name the ledger
};
struct CheckedChunk {
    explicit CheckedChunk(const RowSumKey& key) : demanded(key) {}
    LogChunk rows;
    std::vector<CheckedFrame> frames;  // up to the first row that is wrong
    std::string problem;               // of that row; empty: there is none
    FamilySums demanded;
};

enum class Demands : bool { leave_out, add_up };
/// Any thread.
[[nodiscard]] CheckedChunk check_chunk(LogChunk rows, const RowSumKey& key, Demands demands);

}  // namespace decklog::store
