// The checks of `decklog preflight` on the profile that is shipped: what passes, what each thing
// that is wrong is called, and that nothing of a value is ever said.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "tests/store/temporary_directory.hpp"
#include "tools/decklog/preflight_evidence.hpp"
#include "tools/decklog/preflight_linkage.hpp"
#include "tools/decklog/preflight_variables.hpp"

namespace decklog::cli::preflight_test {

constexpr const char* kSha = "0ceb5329d1f1a2b3c4d5e6f708192a3b4c5d6e7f";

PreflightProfile profile() {
    const auto read =
        read_profile(std::filesystem::path(DECKLOG_SOURCE_DIR) / "tools/profiles/lease-bot.toml");
    EXPECT_TRUE(read.has_value()) << read.error().context;
    return read.value_or(PreflightProfile{});
}

/// Everything that the profile asks for.
Variables complete() {
    Variables variables;
    for (const std::string& name : profile().variables) variables[name] = "v4lue-of-" + name;
    variables["LEASE_BOT_RPA_RUNTIME"] = "playwright";
    variables["WORKER_RUN_ONCE"] = "0";
    variables["AI_DECISION_PROVIDER"] = "heuristic";
    for (const auto& credentials : profile().credentials) {
        for (const std::string& name : credentials.any_of.front())
            variables[name] = "s3cret-of-" + name;
    }
    return variables;
}

const PreflightGate* gate_in(const PreflightGates& gates, std::string_view name) {
    for (const PreflightGate& gate : gates) {
        if (gate.name == name) return &gate;
    }
    return nullptr;
}

void expect_gate(const PreflightGates& gates, std::string_view name, GateStatus status,
                 std::string_view why = {}) {
    const PreflightGate* gate = gate_in(gates, name);
    ASSERT_NE(gate, nullptr) << name;
    EXPECT_EQ(to_text(gate->status), to_text(status)) << name << ": " << gate->why;
    EXPECT_NE(gate->why.find(why), std::string::npos) << name << ": " << gate->why;
}

void expect_all_passed(const PreflightGates& gates) {
    for (const PreflightGate& gate : gates)
        EXPECT_EQ(to_text(gate.status), "passed") << gate.name << ": " << gate.why;
}

void expect_no_values(const PreflightGates& gates) {
    for (const PreflightGate& gate : gates) {
        EXPECT_EQ(gate.why.find("v4lue"), std::string::npos) << gate.name << ": " << gate.why;
        EXPECT_EQ(gate.why.find("s3cret"), std::string::npos) << gate.name << ": " << gate.why;
    }
}

TEST(PreflightVariables, PassWhenAllAreSet) {
    const auto gates = check_variables(profile(), complete(), "heuristic");
    expect_all_passed(gates);
    EXPECT_EQ(gates.size(), 16U + 3U + 1U);
    expect_no_values(gates);
}

TEST(PreflightVariables, AreMissingWhenUnsetOrEmpty) {
    for (const std::string& name : profile().variables) {
        Variables variables = complete();
        variables.erase(name);
        expect_gate(check_variables(profile(), variables, "heuristic"), "env:" + name,
                    GateStatus::missing, "not set");
        for (const char* nothing : {"", "   "}) {
            variables[name] = nothing;
            expect_gate(check_variables(profile(), variables, "heuristic"), "env:" + name,
                        GateStatus::missing, "not set");
        }
    }
}

TEST(PreflightVariables, NameTheForbiddenRuntime) {
    Variables variables = complete();
    variables["LEASE_BOT_RPA_RUNTIME"] = "v4lue-mock";
    auto gates = check_variables(profile(), variables, "heuristic");
    expect_gate(gates, "runtime", GateStatus::failed, "MOCK_RUNTIME_FORBIDDEN");
    expect_no_values(gates);
    variables.erase("LEASE_BOT_RPA_RUNTIME");
    expect_gate(check_variables(profile(), variables, "heuristic"), "runtime", GateStatus::missing);
}

TEST(PreflightVariables, RefusePlaceholdersAndWorkersThatRunOnce) {
    Variables variables = complete();
    variables["BETTER_AUTH_SECRET"] = "change-me";
    variables["WORKER_RUN_ONCE"] = "1";
    const auto gates = check_variables(profile(), variables, "heuristic");
    expect_gate(gates, "auth-secret", GateStatus::failed, "placeholder");
    expect_gate(gates, "run-once", GateStatus::failed, "WORKER_RUN_ONCE is not 0");
}

TEST(PreflightVariables, HoldTheProviderAgainstTheIntent) {
    Variables variables = complete();
    variables["AI_DECISION_PROVIDER"] = "gemini";
    expect_gate(check_variables(profile(), variables, "heuristic"), "provider", GateStatus::failed,
                "intends, heuristic");
    auto gates = check_variables(profile(), variables, "gemini");
    expect_gate(gates, "provider", GateStatus::passed);
    expect_gate(gates, "env:GOOGLE_GENERATIVE_AI_API_KEY", GateStatus::missing, "gemini needs it");
    variables["GOOGLE_GENERATIVE_AI_API_KEY"] = "s3cret";
    expect_all_passed(check_variables(profile(), variables, "gemini"));
}

TEST(PreflightCredentials, PassWithOneSetForEveryPlatform) {
    Variables variables = complete();
    expect_all_passed(check_credential_references(profile(), variables, {}));
    variables.erase("ROOMIES_PASSWORD");
    auto gates = check_credential_references(profile(), variables, {});
    expect_gate(gates, "credentials:roomies", GateStatus::failed, "CREDENTIAL_MISSING");
    expect_gate(gates, "credentials:spareroom", GateStatus::passed);
    variables["ROOMIES_RPA_SESSION"] = "s3cret";
    gates = check_credential_references(profile(), variables, {});
    expect_gate(gates, "credentials:roomies", GateStatus::passed, "ROOMIES_RPA_SESSION");
    expect_no_values(gates);
}

TEST(PreflightCredentials, ResolveTheReferencesOfAccounts) {
    Variables variables = complete();
    const auto with = [&variables](ReferencingAccount account) {
        return check_credential_references(profile(), variables, {std::move(account)});
    };
    const ReferencingAccount good{"roomies-1", "roomies", true, {"env:ROOMIES_RPA_SESSION"}};
    expect_gate(with(good), "credentials:roomies", GateStatus::failed,
                "CREDENTIAL_MISSING: ROOMIES_RPA_SESSION is not set");
    variables["ROOMIES_RPA_SESSION"] = "s3cret";
    expect_gate(with(good), "credentials:roomies", GateStatus::passed, "1 account");
    expect_gate(with({"roomies-1", "roomies", true, {"s3cret"}}), "credentials:roomies",
                GateStatus::failed, "CREDENTIAL_PLAINTEXT_FORBIDDEN");
    expect_no_values(with({"roomies-1", "roomies", true, {"s3cret"}}));
    variables["HOME_OF_OTHERS"] = "s3cret";
    expect_gate(with({"roomies-1", "roomies", true, {"env:HOME_OF_OTHERS"}}), "credentials:roomies",
                GateStatus::failed, "does not name");
    // Another platform's variable is another platform's.
    expect_gate(with({"roomies-1", "roomies", true, {"env:SPAREROOM_PASSWORD"}}),
                "credentials:roomies", GateStatus::failed, "does not name");
    expect_gate(with({"roomies-1", "roomies", false, {"env:HOME_OF_OTHERS"}}),
                "credentials:roomies", GateStatus::passed, "ROOMIES_USERNAME");
}

class PreflightEvidence : public ::testing::Test {
  protected:
    void put(const std::string& file, const std::string& text) {
        std::ofstream(folder_.path() / file) << text;
    }
    void put_all() {
        put("ci-run-metadata.md", std::string("- SHA: `") + kSha +
                                      "`\n\n| check | status | artifact |\n|---|---|---|\n"
                                      "| API tests | success | api-tests.log |\n| Web smoke | "
                                      "success | web-smoke.log |\n");
        for (const std::string& log : profile().logs) put(log, "ok\n");
    }
    PreflightGates check(const std::string& release = kSha) {
        return check_evidence(profile(), folder_.path(), release);
    }
    store::TemporaryDirectory folder_;
};

TEST_F(PreflightEvidence, PassesWithEveryLogOfTheCandidate) {
    put_all();
    expect_all_passed(check());
    EXPECT_EQ(check().size(), 6U);
    expect_all_passed(check(std::string(kSha).substr(0, 7)));
}

TEST_F(PreflightEvidence, OfAnotherCandidateFails) {
    put_all();
    expect_gate(check("1ceb5329d1f1a2b3c4d5e6f708192a3b4c5d6e7f"), "evidence:ci-run-metadata.md",
                GateStatus::failed, "another candidate");
    // The end of a SHA is not its beginning.
    expect_gate(check(std::string(kSha).substr(1, 10)), "evidence:ci-run-metadata.md",
                GateStatus::failed);
}

TEST_F(PreflightEvidence, IsMissingWhereThereIsNoneOrNothingInIt) {
    expect_gate(check(), "evidence:ci-run-metadata.md", GateStatus::missing);
    put_all();
    put("web-smoke.log", "");
    expect_gate(check(), "evidence:web-smoke.log", GateStatus::missing, "empty");
    std::filesystem::remove(folder_.path() / "api-tests.log");
    expect_gate(check(), "evidence:api-tests.log", GateStatus::missing, "no such file");
    std::filesystem::create_directory(folder_.path() / "api-tests.log");
    expect_gate(check(), "evidence:api-tests.log", GateStatus::missing);
}

TEST_F(PreflightEvidence, FailsWhenTheMetadataSaysSo) {
    put_all();
    put("ci-run-metadata.md", std::string(kSha) +
                                  "\n| API tests | **failure** | api-tests.log |\n"
                                  "| release-critical-e2e | failed | - |\n");
    expect_gate(check(), "evidence:api-tests.log", GateStatus::failed, "does not say that");
    expect_gate(check(), "evidence:release-critical-e2e.log", GateStatus::failed);
    expect_gate(check(), "evidence:worker-tests.log", GateStatus::passed, "no row");
}

TEST_F(PreflightEvidence, FailsWithAStatusThatIsNotKnownForAPass) {
    put_all();
    for (const char* status :
         {"pending", "red", "❌", "neutral", "passed, 3 failed", "-", "", "\v"}) {
        put("ci-run-metadata.md",
            std::string("SHA: ") + kSha + "\n| Web | " + status + " | web-smoke.log |\n");
        expect_gate(check(), "evidence:web-smoke.log", GateStatus::failed);
    }
    for (const char* status : {"✅", "**Passed**", "✅ success", "ok"}) {
        put("ci-run-metadata.md",
            std::string("SHA: ") + kSha + "\n| Web | " + status + " | web-smoke.log |\n");
        expect_gate(check(), "evidence:web-smoke.log", GateStatus::passed);
    }
}

TEST_F(PreflightEvidence, OfTheCandidateIsWhatTheLineOfTheShaSays) {
    put_all();
    put("ci-run-metadata.md",
        std::string("- before: ") + kSha + "\n- SHA: `ffffffffffffffffffffffffffffffffffffffff`\n");
    expect_gate(check(), "evidence:ci-run-metadata.md", GateStatus::failed, "another candidate");
    put("ci-run-metadata.md", std::string("Shadow run 20261126\n| commit | ") + kSha + " |\n");
    expect_gate(check(), "evidence:ci-run-metadata.md", GateStatus::passed);
}

boost::json::array events(const std::string& linkages) {
    return boost::json::parse("[" + linkages + "]").as_array();
}
std::string linkage(const std::string& word, const std::string& json) {
    return R"({"position":"7f3a9c01.0:7","action":"ingest_conversation_linkage_)" + word +
           R"(","payload":{"details":{"linkage":)" + json + "}}}";
}

TEST(PreflightLinkage, WantsWhatWasAppliedAndWhatWasTried) {
    const std::string good = linkage("resolved", R"({"appliedListingId":"l1"})");
    const std::string tried =
        linkage("unresolved", R"({"attempted":{"listingId":null,"unitNumber":"4"}})");
    EXPECT_EQ(check_linkage(events(good + "," + tried)).status, GateStatus::passed);
    for (
        const std::string& bad :
        {linkage("resolved", R"({"appliedListingId":null})"), linkage("resolved", "{}"),
         linkage("unresolved", R"({"attempted":{"listingId":null,"unitNumber":""}})"),
         linkage("unresolved", "{}"), linkage("resolved", "null"),
         std::string(
             R"({"action":"ingest_conversation_linkage_resolved","payload":{"details":"[sealed]"}})")}) {
        EXPECT_EQ(check_linkage(events(good + "," + bad)).status, GateStatus::failed) << bad;
    }
    EXPECT_NE(check_linkage(events(linkage("resolved", "{}"))).why.find("0:7: appliedListingId"),
              std::string::npos);
}

TEST(PreflightLinkage, IsMissingWithoutAny) {
    EXPECT_EQ(check_linkage({}).status, GateStatus::missing);
}

TEST(PreflightProfile, NamesWhatIsWrongWithAFile) {
    store::TemporaryDirectory folder;
    const auto problem = [&folder](const std::string& text) {
        const auto path = folder.path() / "p.toml";
        std::ofstream(path) << text;
        const auto read = read_profile(path);
        return read ? std::string() : read.error().context;
    };
    EXPECT_EQ(problem("name = \"x\"\nvariables = [\"A\"]\n"), "");
    EXPECT_NE(problem("variables = []").find("name is missing"), std::string::npos);
    EXPECT_NE(problem("name = \"x\"\nvariabels = []").find("variabels is not a key"),
              std::string::npos);
    EXPECT_NE(problem("name = \"x\"\n\nvariables = [").find("line"), std::string::npos);
    EXPECT_NE(problem("name = \"x\"\nvariables = [1]").find("variables must be a list of texts"),
              std::string::npos);
    EXPECT_NE(problem("name = \"x\"\nvariables = [\"A B\"]").find("must be names of variables"),
              std::string::npos);
    EXPECT_NE(problem("name = \"x\"\n[provider]\nvariable = \"P\"\nintents = [\"g\"]\n"
                      "needs = { g = [\"A=1\"] }\n")
                  .find("provider.needs.g must be names of variables"),
              std::string::npos);
    EXPECT_NE(problem("name = \"x\"\n[[values]]\ngate = \"g\"\nvariable = \"A\"\n")
                  .find("either one_of or none_of"),
              std::string::npos);
    EXPECT_NE(problem("name = \"x\"\n[evidence]\nmetadata = \"../m\"\n").find("name of a file"),
              std::string::npos);
    EXPECT_FALSE(read_profile(folder.path() / "none.toml").has_value());
    EXPECT_FALSE(find_profile("../lease-bot").value_or("").empty()) << "a path is taken as it is";
    EXPECT_FALSE(find_profile("no-such-profile").has_value());
}

}  // namespace decklog::cli::preflight_test
