#include "ingest/pending_command.hpp"

#include <algorithm>
#include <utility>

#include "ingest/limits.hpp"

namespace decklog::ingest {
namespace {

constexpr int kOk = 200;

}  // namespace

PendingCommand::PendingCommand(CommandTaker& taker, const HookRequest& request,
                               const Coming& coming, std::string dedupe_id, CommandAsked asked)
    : taker_(&taker), say_(asked.say) {
    command_.platform = request.platform;
    command_.account = request.account;
    command_.person = std::move(asked.person);
    command_.words = std::move(asked.words);
    command_.is_all_text = asked.is_all_text;
    command_.dedupe_id = std::move(dedupe_id);
    command_.received = coming.received;
    command_.given_at_us = coming.signed_at_us;
    command_.trace = request.trace;
}

void PendingCommand::hand_over(const std::vector<store::Answer>& answers,
                               const std::vector<FiledAs>& filed_as, HookAnswer answer,
                               const HookDone& done) {
    const bool is_durable = answer.status == kOk && answers.size() == 1 && answers.front() &&
                            filed_as.front() == FiledAs::recognised &&
                            !answers.front()->event_ids.empty();
    if (!is_durable) return done(std::move(answer));
    command_.event = answers.front()->event_ids.front();
    command_.recorded_at_us = answers.front()->recorded_at_us;
    // A redelivery is signed anew, and a platform's clock may be ahead.
    command_.given_at_us = std::min(command_.given_at_us, command_.recorded_at_us);
    taker_->take(
        std::move(command_), [say = say_, done, answer = std::move(answer)](const Spoken& spoken) {
            HookAnswer told = spoken.unavailable.empty()
                                  ? say(spoken.text)
                                  : HookAnswer{.status = 503,
                                               .error_code = spoken.unavailable,
                                               .retry_after_seconds = limits::kRetryAfterSeconds};
            told.position = answer.position;
            done(std::move(told));
        });
}

}  // namespace decklog::ingest
