// Files the writes of one request: subjects for all of them in one vault commit, sealing, one
// submission each, all in one fsync. Refused writes keep their place in the results. Blocks for the
// vault; the answer comes on the writer's thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/app.hpp"
#include "api/writes/write.hpp"

namespace decklog::api {

/// Of an audit action: by which of the three it is audited by it can be found.
struct AuditedBy {
    bool platform = false;
    bool agent = false;
    bool conversation = false;
};

/// What became of one write.
struct Filed {
    std::optional<domain::Rejection> refused{};
    bool is_ledgers_refusal = false;  // says nothing of the item: nothing new is taken now
    store::Receipt receipt{};
    std::string own_id{};  // JSON token; empty: the event id
    bool has_key = false;
    std::optional<AuditedBy> audited_by{};  // only of an audit action
    [[nodiscard]] bool is_repeat() const { return receipt.outcome == store::Outcome::repeated; }
};

/// Whether writes behind one that the ledger does not take now are tried all the same.
enum class BehindARefusal : bool { are_tried, are_refused };

/// One result a write, in order. `source` separates the keys of the doors. `done` is called exactly
/// once; keep it short.
void file(const Core& core, std::string_view source, std::vector<CheckedWrite> writes,
          BehindARefusal behind, std::function<void(std::vector<Filed>)> done);

}  // namespace decklog::api
