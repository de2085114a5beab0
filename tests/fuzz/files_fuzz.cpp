// What stands in files and topics that somebody else may have written: the manifest of a backup,
// lines of an export that is imported, records of the log's topic and what they announce, a node's
// own state. The record goes through once more with its checksum put right.
#include <algorithm>
#include <cstring>

#include "store/backup/manifest.hpp"
#include "store/frame/frame.hpp"
#include "store/import/export_line.hpp"
#include "store/kafka/record.hpp"
#include "store/kafka/replica_state.hpp"
#include "store/kafka/transport_generated.h"
#include "tests/fuzz/fuzz_input.hpp"

using namespace decklog;
namespace kafka = store::kafka;

namespace {

using Bytes = std::span<const std::uint8_t>;

void try_manifest(std::string_view text) {
    const auto manifest = store::parse_manifest(text);
    if (!manifest) return;
    const auto again = store::parse_manifest(store::to_text(*manifest));
    fuzz::require(again && store::to_text(*again) == store::to_text(*manifest),
                  "a manifest that is read can be written and read again");
}

void try_lines(std::string_view text) {
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const auto read = store::read_export_line(line);
        if (!read) fuzz::require(!read.error().code.empty(), "a rejection has a code");
    }
}

void try_record(Bytes bytes) {
    const auto record = kafka::decode_record(bytes);
    if (!record) return;
    const domain::Bytes again = kafka::encode_record(record->header, record->body);
    fuzz::require(std::ranges::equal(again, bytes), "a record that is read is written as it was");
    static_cast<void>(kafka::decode_announcement(record->body));
    static_cast<void>(store::Frame::decode(record->body));
}

/// With the header of a record that fits what is behind it.
void try_as_body(Bytes bytes) {
    constexpr std::size_t kHeaderBytes = sizeof(store::kafka::fb::TransportHeader);
    if (bytes.size() < kHeaderBytes) return;
    kafka::RecordHeader header;
    header.kind = static_cast<kafka::RecordKind>(1 + bytes[0] % 3);
    std::memcpy(&header.epoch, bytes.data() + 1, sizeof header.epoch);
    std::memcpy(&header.seq, bytes.data() + 9, sizeof header.seq);
    try_record(kafka::encode_record(header, bytes.subspan(kHeaderBytes)));
}

void try_state(std::string_view value) {
    const auto state = kafka::decode_state(value);
    if (!state) return;
    const auto again = kafka::decode_state(kafka::encode_state(*state));
    fuzz::require(again && kafka::encode_state(*again) == kafka::encode_state(*state),
                  "a state that is read can be written and read again");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    try_manifest(text);
    try_lines(text);
    try_record({data, size});
    try_as_body({data, size});
    static_cast<void>(kafka::decode_announcement({data, size}));
    try_state(text);
    return 0;
}
