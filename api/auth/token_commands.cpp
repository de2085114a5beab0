#include "api/auth/token_commands.hpp"

#include <utility>

#include "api/auth/token_book.hpp"
#include "api/auth/token_text.hpp"

namespace decklog::api {

TokenSubmission create_token_submission(const Core& core, const TokenWish& wish,
                                        domain::TokenOrder order) {
    NewToken token = make_token(*core.random);
    domain::CreateToken command;
    command.order = std::move(order);
    command.token_id = token.id;
    command.role = wish.role;
    command.name = wish.name;
    command.hash = token_hash(*core.vault, token.text);
    command.expires_at_us = wish.expires_at_us;
    command.personal = wish.personal;
    command.account = wish.account;
    command.gate = wish.gate;
    store::Submission submission;
    submission.intent = domain::create_token(std::move(command));
    return {std::move(token.id), std::move(token.text), std::move(submission)};
}

domain::TokenOrder order_of(const Core& core, const Request& request) {
    domain::TokenOrder order;
    order.actor = {std::string(to_text(request.principal.role)), request.principal.id};
    order.recorded_by = "token:" + request.principal.id;
    order.now_us = core.clock->now_us();
    order.trace_id = request.trace;
    return order;
}

}  // namespace decklog::api
