// Commands as a script sees them: whom they ask, exit codes, and what stands on both outputs.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/json.hpp>
#include <fstream>
#include <thread>

#include "store/directory/directory.hpp"
#include "tests/store/temporary_directory.hpp"
#include "tools/decklog/command_line.hpp"

namespace decklog::cli::command_test {

/// Answers every request, or the first `answers`, with the same bytes and counts them.
class Listener {
  public:
    explicit Listener(const std::string& status, const std::string& body = {}, int answers = 1'000)
        : answer_("HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body),
          answers_(answers),
          socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(socket_, 8), 0);
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        thread_ = std::thread([this] { serve(); });
    }
    ~Listener() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }
    [[nodiscard]] const std::string& url() const { return url_; }
    [[nodiscard]] int asked() const { return asked_; }

  private:
    void serve() {
        while (true) {
            const int peer = ::accept(socket_, nullptr, nullptr);
            if (peer < 0) return;
            ++asked_;
            char request[16'384];
            static_cast<void>(::recv(peer, request, sizeof request, 0));
            if (asked_ <= answers_)
                static_cast<void>(::send(peer, answer_.data(), answer_.size(), MSG_NOSIGNAL));
            ::shutdown(peer, SHUT_WR);
            while (::recv(peer, request, sizeof request, 0) > 0) {
            }
            ::close(peer);
        }
    }
    std::string answer_, url_;
    int answers_;
    int socket_;
    std::atomic<int> asked_ = 0;
    std::thread thread_;
};

struct Said {
    int exit_code;
    std::string out, err;
};

Said run_words(std::vector<std::string> words) {
    words.insert(words.begin(), "decklog");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = run(static_cast<int>(argv.size()), argv.data());
    std::string out = testing::internal::GetCapturedStdout();
    return {code, std::move(out), testing::internal::GetCapturedStderr()};
}

class Command : public testing::Test {
  protected:
    [[nodiscard]] std::string data() const { return (folder_.path() / "data").string(); }
    void leave_server_file(const std::string& url) const {
        ASSERT_TRUE(store::write_server_file(data(), {url, ::getpid(), "dlk_secret"}));
    }
    store::TemporaryDirectory folder_;
};

TEST_F(Command, AsksTheServerThatHoldsTheLock) {
    const Listener server("200 OK");
    const auto lock = store::Directory::open(data(), std::chrono::milliseconds(0));
    ASSERT_TRUE(lock);
    leave_server_file(server.url());
    EXPECT_NE(running_server({data(), {}, {}}), nullptr);
    EXPECT_EQ(server.asked(), 1);
}

TEST_F(Command, AsksNobodyWhenTheServerOfTheFileIsGone) {
    const Listener stranger("200 OK");
    { ASSERT_TRUE(store::Directory::open(data(), std::chrono::milliseconds(0))); }
    leave_server_file(stranger.url());
    EXPECT_EQ(run_words({"verify", "--data", data()}).exit_code, 0) << "the files are opened";
    EXPECT_EQ(stranger.asked(), 0);
    EXPECT_FALSE(std::filesystem::exists(data() + "/server.json")) << "whose it was runs no more";
}

TEST_F(Command, AsksNobodyWhenAnotherProcessHoldsTheLock) {
    const Listener stranger("200 OK");
    const auto lock = store::Directory::open(data(), std::chrono::milliseconds(0));
    ASSERT_TRUE(lock);
    ASSERT_TRUE(store::write_server_file(data(), {stranger.url(), ::getpid() + 1, "dlk_secret"}));
    EXPECT_EQ(running_server({data(), {}, {}}), nullptr);
    EXPECT_EQ(stranger.asked(), 0);
}

TEST_F(Command, SaysWhatToDoWithoutAToken) {
    const Listener server("401 Unauthorized", R"({"error":"unauthorized"})");
    const Said said = run_words({"events", "--url", server.url()});
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_TRUE(said.err.starts_with("decklog: unauthorized: give a token ")) << said.err;
    EXPECT_NE(said.err.find("DECKLOG_TOKEN"), std::string::npos) << said.err;
}

TEST_F(Command, ADrillRunsNothingWhenNobodyAnswersWithASnapshot) {
    const Listener server("200 OK", R"({"id":"r1","release":"v2"})", 1);
    const auto never = folder_.path() / "never";
    const Said said = run_words({"drill", "rollout", "--rollout", "r1", "--environment", "staging",
                                 "--exec", "touch " + never.string(), "--url", server.url(),
                                 "--out", (folder_.path() / "out").string()});
    EXPECT_EQ(said.exit_code, 69) << said.err;
    EXPECT_GE(server.asked(), 2);
    EXPECT_FALSE(std::filesystem::exists(never));
}

/// `decklog gate status` of a server that answers this.
Said gate_status(const std::string& answer, const std::vector<std::string>& more = {}) {
    const Listener server("200 OK", answer);
    std::vector<std::string> words{"gate", "status", "--rollout", "r1", "--url", server.url()};
    words.insert(words.end(), more.begin(), more.end());
    return run_words(words);
}

constexpr const char* kPromoted =
    R"({"id":"r1","standing":{"verdict":"promote","reason":"not_worse","stage":"canary"},)"
    R"("lastVerdict":{"rollout":"r1","verdict":"promote","reason":"not_worse","stage":"canary",)"
    R"("text":"PROMOTE\n","markdown":"# r1: promote\n","reachedAt":"2026-11-26T12:00:00.000000Z"}})";

TEST_F(Command, PrintsAVerdictForATerminalOrAsEvidence) {
    const Said text = gate_status(kPromoted);
    EXPECT_EQ(text.out, "PROMOTE\n") << text.err;
    EXPECT_EQ(text.exit_code, 0);
    const Said markdown = gate_status(kPromoted, {"--markdown"});
    EXPECT_EQ(markdown.out, "# r1: promote\n") << markdown.err;
    EXPECT_EQ(markdown.exit_code, 0);
    EXPECT_EQ(gate_status(kPromoted, {"--markdown", "--json"}).exit_code, 64);
}

TEST_F(Command, PrintsAVerdictInJsonAsTheServerWroteIt) {
    const std::string verdict =
        R"({"rollout":"r1","verdict":"hold","reason":"burn_rate","stage":"full","lnShareHoldsAt":2.995732274,"weight":1.10})";
    const std::string whole = R"({"id":"r1","standing":{"verdict":"hold","reason":"burn_rate",)"
                              R"("stage":"full"},"lastVerdict":)" +
                              verdict + "}";
    const Said status = gate_status(whole, {"--json"});
    EXPECT_EQ(status.out, verdict + "\n") << status.err;
    EXPECT_EQ(status.exit_code, 2);
    const Listener server("200 OK", verdict);
    const Said check =
        run_words({"gate", "check", "--rollout", "r1", "--json", "--url", server.url()});
    EXPECT_EQ(check.out, verdict + "\n") << check.err;
    const std::string replayed =
        R"({"verdict":"promote","lnER":0.10,"same":true,"checks":[],"totals":{}})";
    const Listener past("200 OK", replayed);
    const Said replay =
        run_words({"gate", "replay", "--rollout", "r1", "--json", "--url", past.url()});
    EXPECT_EQ(replay.out, replayed + "\n") << replay.err;
}

TEST_F(Command, ContinuesUntilTheStageIsJudged) {
    const std::string standing =
        R"({"id":"r1","standing":{"rollout":"r1","verdict":"continue","reason":"not_judged",)"
        R"("stage":"canary","text":"continue: nothing was judged yet in canary at 5 %\n"},)";
    for (const char* last :
         {R"("lastVerdict":null})", R"("lastVerdict":{"verdict":"promote","reason":"exposure_met",)"
                                    R"("stage":"shadow","text":"PROMOTE\n"}})"}) {
        const Said said = gate_status(standing + last);
        EXPECT_EQ(said.exit_code, 4) << said.err;
        EXPECT_EQ(said.out, "continue: nothing was judged yet in canary at 5 %\n");
    }
    EXPECT_EQ(gate_status(R"({"id":"r1"})").exit_code, 1) << "no verdict in hand";
}

TEST_F(Command, CountsOnlyWhatWasRefused) {
    const std::string file = (folder_.path() / "lines").string();
    std::ofstream(file) << "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"b\":\""
                        << std::string(300'000, 'x') << "\"}\n";
    const Listener full("207 Multi-Status",
                        R"({"accepted":1,"repeated":0,"refused":3,"results":[)"
                        R"({"index":1,"status":400,"outcome":"refused","error":"not_an_event"},)"
                        R"({"index":2,"status":503,"outcome":"refused","error":"disk_low"},)"
                        R"({"index":3,"status":503,"outcome":"refused","error":"disk_low"}]})");
    const Said text = run_words({"import", file, "--url", full.url()});
    EXPECT_EQ(text.exit_code, 1);
    EXPECT_NE(text.err.find("stopped at line 3; 3 lines not taken"), std::string::npos) << text.err;
    EXPECT_NE(text.err.find("line 2: not_an_event"), std::string::npos) << text.err;
    EXPECT_EQ(text.err.find("more refused"), std::string::npos) << text.err;
    EXPECT_EQ(text.out,
              "accepted         1\nrepeated         0\nrefused          1\nnot taken        3\n");
    const Said nobody = run_words({"import", file, "--url", "http://127.0.0.1:1"});
    EXPECT_EQ(nobody.exit_code, 69);
    EXPECT_NE(nobody.out.find("refused          0\nnot taken        5\n"), std::string::npos)
        << nobody.out;
}

TEST_F(Command, MakesATokenForOneGateWithoutARole) {
    { ASSERT_TRUE(store::Directory::open(data(), std::chrono::milliseconds(0))); }
    const Said made =
        run_words({"token", "create", "--name", "ci", "--gate", "api-tests", "--data", data()});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    EXPECT_TRUE(made.out.starts_with("dlk_")) << made.out;
    EXPECT_NE(made.err.find(" (gate) made"), std::string::npos) << made.err;
    const Said list = run_words({"token", "list", "--data", data()});
    EXPECT_NE(list.out.find("GATE"), std::string::npos) << list.out;
    EXPECT_NE(list.out.find("api-tests"), std::string::npos) << list.out;
    EXPECT_EQ(list.out.find(made.out.substr(0, made.out.size() - 1)), std::string::npos);

    const Said neither = run_words({"token", "create", "--name", "ci", "--data", data()});
    EXPECT_EQ(neither.exit_code, 64);
    EXPECT_NE(neither.err.find("--role is required, unless --gate is given"), std::string::npos);
    EXPECT_EQ(
        run_words({"token", "create", "--name", "ci", "--gate", "a b", "--data", data()}).exit_code,
        64);
    const Said wider = run_words({"token", "create", "--name", "ci", "--gate", "api-tests",
                                  "--role", "admin", "--data", data()});
    EXPECT_EQ(wider.exit_code, 1);
    EXPECT_NE(wider.err.find("gate_needs_ingest"), std::string::npos) << wider.err;
}

TEST_F(Command, RefusesABeginningBeyondTheLog) {
    { ASSERT_TRUE(store::Directory::open(data(), std::chrono::milliseconds(0))); }
    const std::string copy = (folder_.path() / "copy").string();
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"events"}, std::vector<std::string>{"export", copy}}) {
        std::vector<std::string> beyond = words;
        beyond.insert(beyond.end(), {"--from", "0:999", "--data", data()});
        const Said said = run_words(beyond);
        EXPECT_EQ(said.exit_code, 1) << said.out;
        EXPECT_TRUE(said.err.starts_with("decklog: beyond_the_log: ")) << said.err;
    }
    EXPECT_FALSE(std::filesystem::exists(copy));
}

TEST_F(Command, NamesAWordThatItDoesNotKnow) {
    const Said said = run_words({"nope"});
    EXPECT_EQ(said.exit_code, 64);
    EXPECT_EQ(said.err, "decklog: not known here: nope; --help tells more\n");
    EXPECT_NE(run_words({"token", "nope"}).err.find("nope"), std::string::npos);
}

TEST_F(Command, EveryHelpNamesTheExitCodes) {
    for (const char* command : {"events", "verify", "export", "import", "restore"}) {
        const Said said = run_words({command, "--help"});
        EXPECT_NE(said.out.find("Exit codes: 0 ok"), std::string::npos) << command;
    }
}

TEST_F(Command, ATokenThatMayNotIsToldWhichRoleMay) {
    const Listener refusing(
        "403 Forbidden",
        R"({"error":"forbidden","requiredRoles":["operator","admin"],"currentRole":"viewer"})");
    const Said said = run_words({"gate", "check", "--rollout", "r1", "--url", refusing.url()});
    EXPECT_EQ(said.exit_code, 1);
    EXPECT_EQ(said.err,
              "decklog: forbidden: this takes a token of the role operator or admin; this one's is "
              "viewer\n");
}

TEST_F(Command, AReplayShowsTheTotalsOfBothPolicies) {
    const std::string totals = R"("totals":{"events":90,"watches":2,"promotions":1,"rollbacks":0})";
    const std::string check =
        R"("checks":[{"check":1,"watch":1,"position":"0:5","verdict":"promote","reason":"not_worse"}],)";
    const Listener both(
        "200 OK", R"({"verdict":"promote","same":true,)" + check + totals +
                      R"(,"against":{"events":90,"watches":3,"promotions":0,"rollbacks":2}})");
    const Said compared = run_words(
        {"gate", "replay", "--policy", "default", "--against", "lease-bot", "--url", both.url()});
    EXPECT_EQ(compared.exit_code, 0);
    for (const char* line :
         {"90 events, 2 watches, 1 promoted, 0 rolled back\n",
          "against: 3 watches, 0 promoted, 2 rolled back\n", "paired by the number of the check",
          "The exit code is that of the first policy.\n"})
        EXPECT_NE(compared.out.find(line), std::string::npos) << compared.out;
    const Listener range("200 OK", R"({"verdict":"promote","same":true,)" + check + totals + "}");
    const Said one = run_words({"gate", "replay", "--policy", "default", "--url", range.url()});
    EXPECT_EQ(one.out.find("IN THE LOG"), std::string::npos) << one.out;
    const Said none = run_words({"gate", "replay", "--url", range.url()});
    EXPECT_EQ(none.exit_code, 64);
    EXPECT_NE(none.err.find("--policy"), std::string::npos) << none.err;
}

TEST_F(Command, AFailureIsAnObjectToo) {
    const Listener refusing("400 Bad Request",
                            R"({"error":"bad","message":"do better","field":"from","limit":7})");
    const auto failure = [](const std::vector<std::string>& words) {
        const Said said = run_words(words);
        EXPECT_NE(said.exit_code, 0);
        EXPECT_TRUE(said.err.starts_with("decklog: ")) << said.err;
        EXPECT_EQ(said.out.find('\n'), said.out.size() - 1) << said.out;
        const auto object = boost::json::parse(said.out).get_object();
        EXPECT_EQ(object.at("ok"), false);
        EXPECT_TRUE(object.at("message").is_string());
        return object;
    };
    const auto refusal = failure({"events", "--json", "--url", refusing.url()});
    EXPECT_EQ(refusal.at("error"), "bad");
    EXPECT_EQ(refusal.at("field"), "from");
    EXPECT_EQ(refusal.at("limit"), 7);
    EXPECT_EQ(failure({"verify", "--json", "--url", "http://127.0.0.1:1"}).at("error"),
              "unreachable");
    EXPECT_EQ(failure({"verify", "--json", "--nope"}).at("error"), "usage");
    const Listener broken("200 OK", R"({"ok":false,"problem":"frame 7 does not check"})");
    const auto verify = failure({"verify", "--json", "--url", broken.url()});
    EXPECT_EQ(verify.at("error"), "failed");
    EXPECT_EQ(verify.at("problem"), "frame 7 does not check");
}

}  // namespace decklog::cli::command_test
