#include "api/first_admin.hpp"

#include <utility>
#include <vector>

#include "api/auth/token_book.hpp"
#include "api/auth/token_commands.hpp"

namespace decklog::api {

domain::Result<std::optional<std::string>> ensure_first_admin(App& app) {
    const Core& core = app.core();
    if (core.vault->missing() || core.tokens->ever_had_admin()) return std::nullopt;
    domain::TokenOrder order;
    order.actor = {"system", "decklog"};
    order.recorded_by = "decklog";
    order.now_us = core.clock->now_us();
    TokenWish wish;
    wish.role = to_text(Role::admin);
    wish.name = "first-admin";
    TokenSubmission token = create_token_submission(core, wish, std::move(order));
    if (auto written = app.directory().write_private(kAdminTokenFile, token.text + "\n");
        !written) {
        return tl::unexpected(written.error());
    }
    std::vector<store::Submission> submissions;
    submissions.push_back(std::move(token.submission));
    const auto answers = store::submit_and_wait(*core.ledger, 0, std::move(submissions));
    if (!answers.front() && answers.front().error().kind == store::Refused::not_owner) {
        // Another node writes this log, and gives it its first admin.
        std::error_code ignored;
        std::filesystem::remove(app.directory().root() / kAdminTokenFile, ignored);
        return std::nullopt;
    }
    if (!answers.front()) {
        return domain::fail(domain::ErrorCode::io, "the first admin token could not be recorded: " +
                                                       answers.front().error().rejection.code);
    }
    return std::optional(std::move(token.text));
}

}  // namespace decklog::api
