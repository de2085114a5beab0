// Which rows one frame makes in every family: the one place that the writer puts them from and
// verify expects them by. A function of the frame's bytes alone, never of what this build knows
// about types. Pure, any thread.
#pragma once

#include <string_view>
#include <vector>

#include "store/frame/frame.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/rows.hpp"

namespace decklog::store {

/// Families whose rows follow from the frames: all but raw and meta.
inline constexpr RowFamily kIndexFamilies[] = {
    RowFamily::stream, RowFamily::command,      RowFamily::time,       RowFamily::type,
    RowFamily::action, RowFamily::conversation, RowFamily::correlation};

/// The hash of each event's stream, in order.
[[nodiscard]] inline std::vector<domain::Bytes16> stream_hashes(const Frame& frame) {
    std::vector<domain::Bytes16> streams;
    streams.reserve(frame.event_count());
    for (std::size_t i = 0; i < frame.event_count(); ++i) {
        const domain::EventView event = frame.event(i);
        streams.push_back(stream_hash(event.workspace(), event.stream()));
    }
    return streams;
}

/// sink(RowFamily, std::string_view key, std::string_view value) for each index row of one event;
/// `stream` is the hash of the event's stream.
template <class Sink>
void for_each_event_row(const domain::EventView& event, const domain::Bytes16& stream,
                        Sink&& sink) {
    const std::uint32_t partition = event.position().partition;
    const std::uint64_t ordinal = event.position().ordinal;
    sink(RowFamily::stream, stream_key(partition, stream, event.stream_version()).view(),
         std::string_view(ordinal_value(ordinal)));
    sink(RowFamily::time, time_key(partition, event.occurred_at_us(), ordinal).view(),
         std::string_view());
    sink(RowFamily::type, type_prefix(partition, event.type()).u64(ordinal).view(),
         std::string_view());
    const auto text_row = [&](RowFamily family, std::string_view text) {
        if (!text.empty())
            sink(family, text_prefix(partition, text).u64(ordinal).view(), std::string_view());
    };
    // Only a name that stands in the bytes: names of our own types are found through the type
    // index.
    if (const flatbuffers::String* given = event.raw_table()->action(); given != nullptr) {
        text_row(RowFamily::action, {given->c_str(), given->size()});
    }
    text_row(RowFamily::conversation, event.conversation());
    text_row(RowFamily::correlation, event.correlation_id());
}

/// The command row, when the commit has a key.
template <class Sink>
void for_command_row(const Frame& frame, Sink&& sink) {
    if (const auto key = frame.command_key()) {
        sink(RowFamily::command, command_row_key(frame.first().partition, *key).view(),
             std::string_view(command_value({frame.first().ordinal, frame.request_hash()})));
    }
}

/// Every index row of a frame: all but its log row.
template <class Sink>
void for_each_index_row(const Frame& frame, Sink&& sink) {
    for_command_row(frame, sink);
    const std::vector<domain::Bytes16> streams = stream_hashes(frame);
    for (std::size_t i = 0; i < streams.size(); ++i)
        for_each_event_row(frame.event(i), streams[i], sink);
}

}  // namespace decklog::store
