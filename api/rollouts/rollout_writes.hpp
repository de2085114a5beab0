// How every POST of a rollout is carried out: on a thread that may wait, as a command of the
// rollout's stream, once under its Idempotency-Key: a repeat is answered as the first was.
// Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "api/app.hpp"
#include "api/http.hpp"
#include "domain/rollout/rollout.hpp"
#include "store/ledger.hpp"

namespace decklog::api::rollouts {

/// By whom, when, as part of which request. `by` names the operator for whom the principal speaks;
/// empty: it speaks for itself.
[[nodiscard]] domain::RolloutOrder rollout_order(const Core& core, const Request& request,
                                                 std::string id, std::string by = {});

/// Is it carried out once, however often it comes: under its header, or as a command from chat?
[[nodiscard]] bool has_key(const Request& request);

/// Waits for the answer of one command, on a thread that may. A command from chat is carried out
/// soon or not at all: rejection too_late.
[[nodiscard]] store::Answer submit(const Core& core, const Request& request,
                                   domain::Rollout::Command command, std::string_view body);

/// Headers of an answer to a write: its position, and whether its key was used for it before.
void put_receipt(const Core& core, Answer& answer, const store::Receipt& receipt);

using Work = Answer (*)(const Core&, const Request&);
/// A POST of the role `operator`. `core` outlives the route.
[[nodiscard]] Route writing(const Core& core, std::string path, std::size_t body_bytes_max,
                            Work work);

}  // namespace decklog::api::rollouts
