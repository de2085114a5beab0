// May this schema read every byte that a released one wrote, and may the released one pass over
// what this one writes? Compares two binary schemas through reflection and names every break.
// `flatc --conform` 2.0.8 asks the same question and answers wrongly for most of what
// schema_gate_test.cpp tries, so the gate is our own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace decklog::domain {

/// One sentence a break; empty: `current` may follow `released`.
std::vector<std::string> breaks(std::span<const std::uint8_t> released,
                                std::span<const std::uint8_t> current);

}  // namespace decklog::domain
