// One sample of every event type and version, every field set to something that is not its default.
// Their bytes stand under tests/golden/events as they were written once; golden_test.cpp reads
// those bytes with today's code.
#pragma once

#include <string>
#include <vector>

#include "domain/event.hpp"
#include "domain/payload.hpp"

namespace decklog::domain::golden {

struct Sample {
    std::string file;   // token_created.v1.bin
    std::string table;  // decklog.fb.TokenCreated
    Bytes bytes;
};

/// One for each row of the registry, at each schema version it ever had.
std::vector<Sample> payload_samples();
/// The sealed part before it is sealed.
Sample personal_sample();
/// A whole event with every field of the envelope.
fb::EventT envelope_sample();

/// `token_created.v1.bin`, `message_recorded.v1.bin`
std::string file_name(const TypeInfo& info, std::uint16_t version);
/// `decklog.fb.TokenCreated`, `decklog.fb.MessageRecorded`
std::string table_name(const TypeInfo& info);

}  // namespace decklog::domain::golden
