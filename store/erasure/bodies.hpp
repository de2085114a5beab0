// Raw bodies that go because a person is forgotten, by whom it was ordered, and where they stand:
// only the writer of their partition takes them away. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "domain/event.hpp"
#include "domain/ids.hpp"

namespace decklog::store {

/// Who orders an erasure, why, and under which key it may come again.
struct ErasureOrder {
    std::string workspace = "default";
    domain::Actor actor{"system", "decklog"};
    std::string recorded_by = "decklog";
    std::string reason;  // checked by domain::refusal_of_reason with the native id
    std::int64_t now_us = 0;
    domain::TraceId trace_id{};
    std::optional<domain::CommandKey> key{};
    domain::RequestHash request_hash{};
};

/// Raw bodies stand in the partition of the workspace that they came to.
struct BodiesIn {
    std::uint32_t partition = 0;
    std::string workspace;
    bool operator<(const BodiesIn& other) const {
        return std::tie(partition, workspace) < std::tie(other.partition, other.workspace);
    }
};

/// Those of one partition but the first, to be taken away in a commit of theirs.
struct BodiesToTake {
    domain::SubjectId subject;
    ErasureOrder order;  // its workspace is that of the bodies; without a key
    std::uint32_t partition = 0;
    std::size_t keys = 0;                // of the subject, that go with them
    std::vector<domain::RawRef> bodies;  // day and id say which
};

}  // namespace decklog::store
