// Records what this release writes: a data directory with at least one event of every type and raw
// bodies beside them, and this release's own answers about it. Made-up people on reserved numbers.
#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace decklog::e2e::releases {

/// `folder` gets data/ and expected/. Fails the test when the release does not do what it should.
void record(const std::filesystem::path& folder);

/// What the command line says about a data directory: the file of expected/ that keeps it, and how
/// to ask.
[[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> questions(
    const std::filesystem::path& data);
/// Every raw body that opens, in the log's order: a line each with its event and what was sent.
/// Nobody else has the directory open.
[[nodiscard]] std::string raw_bodies(const std::filesystem::path& data);

[[nodiscard]] std::vector<boost::json::value> lines_of(const std::string& text);
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

}  // namespace decklog::e2e::releases
