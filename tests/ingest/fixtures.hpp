// The platforms' payloads that stand beside the checkout, each given an id of its own: many were
// recorded under one update_id or wamid. Tests that need them skip, saying so, when the folder is
// absent.
#pragma once

#include <string>
#include <vector>

#include "ingest/inbound.hpp"

namespace decklog::ingest::fixtures {

struct Fixture {
    Platform platform{};
    std::string name;  // file, or file#key
    std::string body;
    std::string content_type = "application/json";
};

[[nodiscard]] bool are_here();
/// Every payload of all four platforms, in a fixed order.
[[nodiscard]] std::vector<Fixture> all();
/// A file as it stands.
[[nodiscard]] std::string file(const std::string& path);

}  // namespace decklog::ingest::fixtures

#define DECKLOG_NEEDS_FIXTURES()                                  \
    if (!::decklog::ingest::fixtures::are_here()) {               \
        GTEST_SKIP() << "NO FIXTURES at " << DECKLOG_FIXTURES_DIR \
                     << ": this test proves nothing here";        \
    }
