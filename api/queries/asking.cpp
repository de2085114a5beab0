#include "api/queries/asking.hpp"

#include <memory>
#include <utility>

#include "api/answers.hpp"
#include "api/queries/limits.hpp"
#include "projections/engines.hpp"

namespace decklog::api {
namespace {

/// One question on its way; shared by the callbacks it waits in.
struct Asked {
    const Core* core;
    AnswersFrom from;
    LongQuestion question;
    bool is_long;
    Request request;
    Reply reply;
};

void answer_now(const std::shared_ptr<Asked>& asked) {
    const auto& run = asked->is_long ? asked->core->run_job : asked->core->run_blocking;
    run([asked] {
        Params params(asked->request, *asked->core);
        asked->question(asked->request, params, asked->reply);
    });
}

void answer_when_reflected(const std::shared_ptr<Asked>& asked, const domain::Positions& place) {
    asked->core->engines->when_reflected(
        asked->from.view, place, limits::kWaitMax, [asked](bool reflected) {
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

Handler asking(const Core& core, AnswersFrom from, LongQuestion question, bool is_long) {
    return [&core, from, is_long, question = std::move(question)](Request request, Reply reply) {
        const auto asked = std::make_shared<Asked>(
            Asked{&core, from, question, is_long, std::move(request), std::move(reply)});
        Params params(asked->request, core);
        const domain::Positions place = params.positions("wait");
        if (params.refusal()) {
            asked->reply(answer_of(*params.refusal()));
        } else if (!place.empty()) {
            answer_when_reflected(asked, place);
        } else {
            answer_now(asked);
        }
    };
}

}  // namespace

Handler asking(const Core& core, AnswersFrom from, Question question) {
    const bool reads_a_view = from.view != projections::kTheLog;
    const auto answered = [&core, reads_a_view, question = std::move(question)](
                              const Request& request, Params& params, const Reply& reply) {
        const std::uint64_t failures = reads_a_view ? core.engines->read_failures() : 0;
        Answer answer = question(request, params);
        if (reads_a_view && core.engines->read_failures() != failures)
            answer =
                answer_of(domain::Error{domain::ErrorCode::io, "a read of views/ failed", true});
        reply(params.refusal() ? answer_of(*params.refusal()) : std::move(answer));
    };
    return asking(core, from, answered, false);
}

Handler asking_long(const Core& core, AnswersFrom from, LongQuestion question) {
    return asking(core, from, std::move(question), true);
}

}  // namespace decklog::api
