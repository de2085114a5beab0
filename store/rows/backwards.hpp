// Newest first, by an iterator that only knows the way forward. Hash memtables have no way back:
// their iterators answer Prev and SeekForPrev with "no more rows" and OK. So the last row under a
// prefix is searched for, and what lies before it is read in windows, each forwards, each handed on
// in reverse. Keys are one prefix and eight bytes of ordinal (or version). One thread.
#pragma once

#include <rocksdb/iterator.h>

#include <string_view>

#include "store/rows/rows.hpp"

namespace decklog::store {

/// Rows with begin <= key < end, last first, until `sink` has enough. Both keys have the same
/// prefix and an ordinal; `rows` reads forwards, bounded by `end`. What went wrong stands in its
/// status; a row whose key has another size is handed on at once, and is the last.
void scan_backwards(rocksdb::Iterator& rows, std::string_view begin, std::string_view end,
                    const KeyValueSink& sink);

}  // namespace decklog::store
