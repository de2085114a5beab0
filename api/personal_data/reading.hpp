// Opening sealed parts in bulk is itself recorded (design §4): an export counts what it would open,
// commits PersonalDataRead, and only then hands it out. (A replay opens nothing: views hold
// positions of what is sealed.) A ledger that cannot write hands
// out nothing opened. Any thread that may block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/app.hpp"
#include "api/http.hpp"
#include "domain/result.hpp"

namespace decklog::api {

/// Between nodes alone.
inline constexpr std::string_view kPersonalReadsPath = "/api/cluster/personal-reads";

/// Who asks, as part of which request.
struct PersonalReader {
    Principal principal;
    domain::TraceId trace{};
};

/// nullopt: `count` sealed parts may be opened now (none are: nothing is recorded). Else why not.
/// On a node that does not write the partition the owner records it.
[[nodiscard]] std::optional<domain::Rejection> record_reading(const Core& core,
                                                              const PersonalReader& reader,
                                                              const std::string& filter,
                                                              std::uint64_t count);

/// The record that another node asks for, in whose name it says: answered where the partition is
/// written.
[[nodiscard]] Answer record_for_node(const Core& core, const Request& request);

}  // namespace decklog::api
