// Bytes that claim to be a frame: decoded as they are and, so that the fuzzer gets past the
// checksum, once more with magic, length and checksum put right. What decodes is printed as JSON
// event by event, folded by every view, and its index rows are made.
#include <algorithm>
#include <cstring>
#include <vector>

#include "api/event_json.hpp"
#include "projections/folding.hpp"
#include "projections/rows.hpp"
#include "projections/view.hpp"
#include "store/frame/frame.hpp"
#include "store/frame/frame_header.hpp"
#include "store/rocks_ledger.hpp"
#include "store/rows/commit_rows.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace decklog;

namespace {

void use_events(const store::Frame& frame) {
    static fuzz::CountingRandom random;
    static const auto vault = store::make_memory_vault(&random);
    std::vector<domain::EventView> events;
    for (std::size_t i = 0; i < frame.event_count(); ++i) events.push_back(frame.event(i));
    for (const domain::EventView& event : events) {
        for (const bool opens : {false, true})
            static_cast<void>(api::event_json(event, {}, api::Opener(*vault, opens)));
    }
    std::size_t rows = 0;
    store::for_each_index_row(frame, [&rows](auto, auto, auto) { ++rows; });
    for (const projections::View* view : projections::all_views()) {
        projections::MemoryRows before, after;
        projections::ParkedKeys parked, changed;
        const auto fold = view->begin(before);
        for (const domain::EventView& event : events) {
            if (!projections::misunderstood(*view, event).empty()) break;
            projections::apply_event(*fold, event, parked, changed);
        }
        fold->finish(after);
    }
}

void try_bytes(std::span<const std::uint8_t> bytes) {
    const auto frame = store::Frame::decode(bytes);
    if (!frame) return;
    fuzz::require(std::ranges::equal((*frame)->bytes(), bytes), "a frame keeps its bytes");
    use_events(**frame);
}

/// Magic, format, length and checksum as they should be; the rest as it came.
std::vector<std::uint8_t> mended(const std::uint8_t* data, std::size_t size) {
    std::vector<std::uint8_t> bytes(data, data + size);
    const std::span<std::uint8_t, store::kHeaderBytes> header(bytes.data(), store::kHeaderBytes);
    store::FrameHeader fields = store::read_header(header);
    fields.body_length = static_cast<std::uint32_t>(size - store::kHeaderBytes);
    store::write_header(fields, header);
    fields.crc32c =
        store::frame_crc(header, std::span<const std::uint8_t>(bytes).subspan(store::kHeaderBytes));
    store::write_header(fields, header);
    return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try_bytes({data, size});
    if (size >= store::kHeaderBytes) try_bytes(mended(data, size));
    return 0;
}
