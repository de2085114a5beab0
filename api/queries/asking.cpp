#include "api/queries/asking.hpp"

#include <memory>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/limits.hpp"

namespace decklog::api {
namespace {

/// One question on its way; shared by the callbacks it waits in.
struct Asked {
    const Core* core;
    Question question;
    Request request;
    Reply reply;
};

void answer_now(const std::shared_ptr<Asked>& asked) {
    asked->core->run_blocking([asked] {
        Params params(asked->request, *asked->core);
        Answer answer = asked->question(asked->request, params);
        asked->reply(params.refusal() ? answer_of(*params.refusal()) : std::move(answer));
    });
}

void answer_when_reflected(const std::shared_ptr<Asked>& asked, domain::Position position) {
    asked->core->engine->when_reflected(position, limits::kWaitMax, [asked](bool reflected) {
        if (reflected) {
            answer_now(asked);
        } else {
            asked->reply(answer_of(
                domain::Rejection{"not_reached",
                                  "the answer does not reflect this position yet; ask again",
                                  "wait",
                                  {}}));
        }
    });
}

bool is_in_log(const Core& core, domain::Position position) {
    return position.ordinal < core.ledger->head(position.partition).next_ordinal;
}

}  // namespace

Handler asking(const Core& core, AnswersFrom from, Question question) {
    return [&core, from, question = std::move(question)](Request request, Reply reply) {
        const auto asked =
            std::make_shared<Asked>(Asked{&core, question, std::move(request), std::move(reply)});
        Params params(asked->request, core);
        const auto position = params.position("wait");
        if (params.refusal()) {
            asked->reply(answer_of(*params.refusal()));
        } else if (position && !(from == AnswersFrom::log && is_in_log(core, *position))) {
            answer_when_reflected(asked, *position);
        } else {
            answer_now(asked);
        }
    };
}

}  // namespace decklog::api
