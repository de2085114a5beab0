// How a question is answered: off the io thread, after the position that `?wait=` names is
// reflected, with the first refused parameter as the answer. Every query route goes through here.
// Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "api/app.hpp"
#include "api/http.hpp"
#include "api/queries/params.hpp"

namespace decklog::api {

/// Parameters that every question takes.
inline constexpr std::array<std::string_view, 1> kWaitParams{"wait"};

/// Runs on a blocking thread; the params have been read or are still to be read, refusals in them
/// win over the answer.
using Question = std::function<Answer(const Request&, Params&)>;

/// What an answer is made from: a position that is in the log need not be in the views for an
/// answer from the log alone.
enum class AnswersFrom : std::uint8_t { log, views };

/// Checks `wait` (400, 409 other_ledger), waits for it (504 not_reached after 5 s), then answers.
/// `core` outlives the handler.
[[nodiscard]] Handler asking(const Core& core, AnswersFrom from, Question question);

}  // namespace decklog::api
