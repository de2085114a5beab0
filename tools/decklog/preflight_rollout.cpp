#include "tools/decklog/preflight_rollout.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <optional>
#include <utility>

#include "domain/text.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kEvidenceBytesMax = 500;

/// Never inside a character.
std::string cut(std::string text) {
    if (text.size() > kEvidenceBytesMax) text.resize(kEvidenceBytesMax);
    while (!text.empty() && !domain::is_utf8(text)) text.pop_back();
    return text;
}

/// The rollout's own release, when it is the candidate's.
std::optional<std::string> release_of(Session& session, Backend& backend, const GateReport& report,
                                      const std::string& path) {
    Response response;
    if (!session.ask(backend, {.method = "GET", .path = path}, nullptr, response))
        return std::nullopt;
    json::error_code error;
    const json::value rollout = json::parse(response.body, error);
    std::string release =
        error || !rollout.is_object() ? std::string() : text_of(rollout.get_object(), "release");
    if (release.starts_with(report.release)) return release;
    session.fail(kFailed, "nothing is recorded: " + report.rollout + " is a rollout of " +
                              printable(release) + ", not of " + report.release);
    return std::nullopt;
}

/// Empty: it is recorded. Else the code and why not.
std::pair<int, std::string> problem_of_recording(Backend& backend, const std::string& path,
                                                 const json::object& result) {
    const auto answer =
        backend.call({.method = "POST", .path = path + "/gates", .body = json::serialize(result)});
    if (!answer) return {kUnreachable, answer.error().context};
    if (answer->status < 300) return {};
    return {kFailed, refusal_text(refusal_of(*answer))};
}

}  // namespace

json::object gate_result(const GateReport& report, const PreflightGate& gate) {
    std::string evidence = "preflight " + report.profile;
    if (gate.status == GateStatus::missing) evidence += ", missing";
    if (!gate.why.empty()) evidence += ": " + gate.why;
    return {{"name", gate.name},
            {"status", gate.status == GateStatus::passed ? "passed" : "failed"},
            {"release", report.release},
            {"evidence", cut(std::move(evidence))}};
}

void record_gates(Session& session, GateReport report, const PreflightGates& gates) {
    const auto backend = session.backend();
    if (!backend) return;
    const std::string path = "/api/rollouts/" + report.rollout;
    auto release = release_of(session, *backend, report, path);
    if (!release) return;
    report.release = *std::move(release);
    std::size_t recorded = 0;
    for (const PreflightGate& gate : gates) {
        const auto [code, why] = problem_of_recording(*backend, path, gate_result(report, gate));
        if (!why.empty()) {
            return session.fail(code, "the gate " + gate.name + " is not recorded (" +
                                          std::to_string(recorded) + " of " +
                                          std::to_string(gates.size()) + " are): " + why);
        }
        ++recorded;
    }
    std::fprintf(stderr, "%zu results recorded in %s\n", recorded, report.rollout.c_str());
}

}  // namespace decklog::cli
