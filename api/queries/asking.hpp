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

/// What an answer is made from, and so what `wait` waits for: one view, or the log alone.
struct AnswersFrom {
    std::string_view view;
    static const AnswersFrom log;
};
inline constexpr AnswersFrom AnswersFrom::log{projections::kTheLog};

/// Checks `wait` (400, 409 other_ledger), waits for it (504 not_reached after 5 s), then answers.
/// `core` outlives the handler.
[[nodiscard]] Handler asking(const Core& core, AnswersFrom from, Question question);

/// A question that may take minutes, such as folding the log: it runs among the jobs and replies
/// itself, refusals too.
using LongQuestion = std::function<void(const Request&, Params&, const Reply&)>;
[[nodiscard]] Handler asking_long(const Core& core, AnswersFrom from, LongQuestion question);

}  // namespace decklog::api
