// `decklog erase PERSON --reason R [--dry-run]`.
#include <boost/json.hpp>

#include "tools/decklog/long_work.hpp"

namespace decklog::cli {
namespace {

struct EraseOptions {
    std::string person, reason;
    bool dry_run = false;
};

void run_erase(Session& session, const EraseOptions& options) {
    boost::json::object body{{"person", options.person}};
    if (!options.reason.empty()) body["reason"] = options.reason;
    if (options.dry_run) body["dryRun"] = true;
    if (const auto backend = session.backend()) {
        run_long_work(session, *backend,
                      {.method = "POST",
                       .path = "/api/subjects/erase",
                       .body = boost::json::serialize(body),
                       .lines = true},
                      "erase");
    }
}

}  // namespace

void add_erase(CLI::App& app, Session& session) {
    auto* erase = app.add_subcommand("erase", "forget a person, for ever");
    add_where(*erase, session);
    auto options = std::make_shared<EraseOptions>();
    erase
        ->add_option("person", options->person,
                     "whatsapp:16505551234, conversation:PLATFORM:ID, entity:TYPE:ID or p_…")
        ->required();
    erase->add_option("--reason", options->reason,
                      "why; kept for ever, so it must not say who the person is");
    erase->add_flag("--dry-run", options->dry_run, "only say what would go");
    erase->callback([&session, options] {
        if (options->reason.empty() && !options->dry_run)
            throw CLI::RequiredError("--reason (or --dry-run)");
        run_erase(session, *options);
    });
}

}  // namespace decklog::cli
