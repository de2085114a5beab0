// One person writes on four platforms, is named in bodies that are about others or nobody, and is
// spoken of in an audit action; then is erased.
// Afterwards her number, name and words stand in no file, no log line and no answer: not as bytes,
// not in base64, not behind any key that is left. Everybody else's words are still there.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "tests/e2e/every_answer.hpp"
#include "tests/e2e/file_search.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/e2e/traces.hpp"
#include "tests/e2e/traffic.hpp"
#include "tests/e2e/view_rows.hpp"
#include "tests/ingest/naming_bodies.hpp"

namespace decklog::e2e::erasure {

namespace json = boost::json;

using ingest::Platform;
using ingest::fixtures::NamingBody;

constexpr const char* kOthersWords = "ebb tide at four, all moorings checked";

const ingest::fixtures::Named& her() {
    static const ingest::fixtures::Named kHer = ingest::fixtures::somebody();
    return kHer;
}

const std::vector<std::string>& words() {
    static const std::vector<std::string> kWords{her().whatsapp,  her().name,    her().text,
                                                 her().telegram,  her().discord, her().slack,
                                                 her().message_id};
    return kWords;
}

/// Made once: a redelivery is the same bytes. First what she wrote herself, then what names her
/// though it is not about her.
const std::vector<NamingBody>& her_webhooks() {
    static const std::vector<NamingBody> kHooks = [] {
        ingest::fixtures::Named all = her();
        all.text += ", call " + her().whatsapp + ", " + her().name;
        std::vector<NamingBody> hooks = ingest::fixtures::messages_of(all);
        for (NamingBody& body : ingest::fixtures::bodies_that_name(her())) {
            if (!body.is_said_by_the_author_too) hooks.push_back(std::move(body));
        }
        return hooks;
    }();
    return kHooks;
}

std::size_t naming_bodies_of(Platform platform) {
    return static_cast<std::size_t>(
               std::count_if(her_webhooks().begin(), her_webhooks().end(),
                             [&](const NamingBody& body) { return body.platform == platform; })) -
           1;
}

std::string audit_action() {
    return json::serialize(json::object{{"id", "call-77"},
                                        {"actorType", "worker"},
                                        {"actorId", "w-1"},
                                        {"entityType", "conversation"},
                                        {"entityId", "c-77"},
                                        {"action", "inbox_manual_reply_dispatched"},
                                        {"details",
                                         {{"platform", "roomies"},
                                          {"conversationId", "c-77"},
                                          {"note", her().text},
                                          {"phone", her().whatsapp},
                                          {"guest", her().name}}}});
}

std::string telegram(const std::string& from, const std::string& text, int update) {
    const json::object user{{"id", std::stoll(from)}, {"is_bot", false}, {"first_name", "N"}};
    const json::object chat{{"id", std::stoll(from)}, {"type", "private"}, {"first_name", "N"}};
    return json::serialize(json::object{{"update_id", update},
                                        {"message",
                                         {{"message_id", update},
                                          {"from", user},
                                          {"chat", chat},
                                          {"date", now_seconds()},
                                          {"text", text}}}});
}

HttpAnswer deliver(HttpClient& platform, const NamingBody& hook) {
    Headers headers = telegram_headers();
    if (hook.platform == Platform::whatsapp) headers = whatsapp_headers(hook.body);
    if (hook.platform == Platform::slack)
        headers = slack_headers(hook.body, now_seconds(), hook.content_type);
    if (hook.platform == Platform::discord) headers = discord_headers(hook.body, now_seconds());
    return platform.post("/hooks/" + std::string(to_text(hook.platform)), hook.body, headers);
}

HttpAnswer deliver_telegram(HttpClient& platform, const std::string& from, const std::string& text,
                            int update) {
    return deliver(platform, {Platform::telegram, "", telegram(from, text, update)});
}

json::object object_of(const std::string& body) {
    boost::system::error_code error;
    auto value = json::parse(body, error);
    EXPECT_TRUE(!error && value.is_object()) << body;
    return value.is_object() ? value.as_object() : json::object{};
}

std::string newest_position(HttpClient& admin) {
    const auto events = object_of(admin.get("/api/events?limit=1&order=desc").body);
    return std::string(events.at("items").at(0).at("position").as_string());
}

/// Until every view shows the newest event.
void wait_for_views(HttpClient& admin) {
    const std::string position = newest_position(admin);
    for (const char* of_each : {"/api/rooms", "/api/audit", "/api/admin/observability",
                                "/api/admin/platform-health", "/api/rollouts"})
        ASSERT_EQ(admin.get(std::string(of_each) + "?wait=" + position).status, 200) << of_each;
}

void expect_nothing_of_her(const std::string& bytes, const std::string& where) {
    expect_none_of(words(), bytes, where);
}

using Answers = std::map<std::string, std::string>;

Door door_of(const ServerProcess& server) { return {server.url(), server.admin_token()}; }

std::string all_of(const Answers& answers) {
    std::string all;
    for (const auto& [path, text] : answers) all += text;
    return all;
}

/// Where she can be seen while she is not erased: what shows nothing then proves nothing later.
void expect_to_find_her(const Answers& answers) {
    for (const char* path : {"/api/events", "/api/events/live", "/api/streams/{stream}",
                             "/api/admin/export", "/api/rooms/{id}/messages"}) {
        for (const std::string& word : {her().whatsapp, her().name, her().text})
            EXPECT_GE(found(answers.at(path), word), 3U) << word << " in " << path;
    }
}

void expect_nothing_of_her(const Answers& answers) {
    for (const auto& [path, text] : answers) expect_nothing_of_her(text, "an answer of " + path);
}

/// Files, rows and everything that still opens, of a data directory that nobody has open.
void expect_forgotten(const std::filesystem::path& data) {
    expect_nothing_of_her(all_files(data), "the files");
    for (const char* database : {"ledger", "views", "vault"})
        expect_nothing_of_her(all_rows(data / database), std::string("the rows of ") + database);
    const TemporaryFolder copy;
    std::filesystem::copy(data, copy.path() / "data", std::filesystem::copy_options::recursive);
    expect_replay_gives_the_rows_of(copy.path() / "data");
    const std::string opened = opened_with_every_key(copy.path() / "data");
    expect_nothing_of_her(opened, "what every key left opens");
    EXPECT_GE(found(opened, kOthersWords), 8U) << "sealed parts and raw bodies of others open";
}

void fill(HttpClient& platform, HttpClient& admin) {
    for (const NamingBody& hook : her_webhooks())
        ASSERT_EQ(deliver(platform, hook).status, 200) << hook.what;
    ASSERT_EQ(admin.post("/api/audit", audit_action()).status, 201);
    for (const NamingBody& hook : ingest::fixtures::messages_of_others(kOthersWords))
        ASSERT_EQ(deliver(platform, hook).status, 200);
}

const std::vector<std::string>& her_ids() {
    static const std::vector<std::string> kIds{
        "whatsapp:" + her().whatsapp, "telegram:" + her().telegram, "discord:" + her().discord,
        "slack:" + her().slack, "conversation:roomies:c-77"};
    return kIds;
}

std::string wish(const std::string& person) {
    return json::serialize(json::object{{"person", person}, {"reason", "asked on 12 May"}});
}

TEST(ErasureTest, NothingOfAnErasedPersonIsLeftAnywhere) {
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", hook_secrets());
    server.set_variable("DECKLOG_DRAIN_SECONDS", "0");
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient platform(server.url());
    HttpClient admin(server.url(), server.admin_token());
    fill(platform, admin);
    add_a_rollout(door_of(server));
    wait_for_views(admin);
    expect_to_find_her(every_answer(door_of(server)));

    // What would go, and that nothing does.
    const std::string position = newest_position(admin);
    const Finished dry = run_decklog(
        {"erase", her_ids()[0], "--dry-run", "--json", "--data", server.data().string()});
    EXPECT_EQ(dry.exit_code, 0) << dry.err;
    const auto would = object_of(dry.out);
    EXPECT_EQ(would.at("dryRun"), true);
    EXPECT_EQ(would.at("events"), 1);
    EXPECT_EQ(would.at("keys"), 1);
    EXPECT_EQ(would.at("rawBodies"), 1 + naming_bodies_of(Platform::whatsapp));
    EXPECT_EQ(newest_position(admin), position);

    // One over HTTP under a key, the others by the command line.
    const Headers key{{"Idempotency-Key", "forget-1"}};
    const HttpAnswer erased = admin.post("/api/subjects/erase", wish(her_ids()[0]), key);
    ASSERT_EQ(erased.status, 200) << erased.body;
    for (std::size_t i = 1; i < her_ids().size(); ++i) {
        const Finished done = run_decklog({"erase", her_ids()[i], "--reason", "asked on 12 May",
                                           "--data", server.data().string()});
        EXPECT_EQ(done.exit_code, 0) << her_ids()[i] << done.out << done.err;
        expect_nothing_of_her(done.out + done.err, "what the command prints");
    }

    // A repeat says the same; who asks anew by the number asks for nobody.
    const HttpAnswer repeated = admin.post("/api/subjects/erase", wish(her_ids()[0]), key);
    EXPECT_EQ(repeated.status, 200);
    EXPECT_EQ(repeated.body, erased.body);
    EXPECT_NE(repeated.head.find("Idempotent-Replayed: true"), std::string::npos) << repeated.head;
    const HttpAnswer nobody = admin.post("/api/subjects/erase", wish(her_ids()[0]));
    EXPECT_EQ(nobody.status, 404) << nobody.body;
    const std::string subject(object_of(erased.body).at("subject").as_string());
    const auto again = object_of(admin.post("/api/subjects/erase", wish(subject)).body);
    EXPECT_EQ(again.at("alreadyErased"), true);

    wait_for_views(admin);
    const Answers answers = every_answer(door_of(server));
    expect_nothing_of_her(answers);
    EXPECT_GE(found(all_of(answers), "[erased]"), 5U);
    EXPECT_GE(found(all_of(answers), kOthersWords), 2U);
    for (std::size_t i = 0; i < 4; ++i) {
        const auto events = object_of(admin.get("/api/events?actor=" + her_ids()[i]).body);
        EXPECT_TRUE(events.at("items").as_array().empty()) << her_ids()[i];
    }
    const auto counted = object_of(admin.get("/api/audit?by=action").body);
    EXPECT_NE(json::serialize(counted).find("subject_erased"), std::string::npos);
    EXPECT_NE(admin.get("/metrics").body.find("decklog_subjects_erased_total 5"),
              std::string::npos);

    // A redelivery is still recognised.
    const std::string settled = newest_position(admin);
    for (const NamingBody& hook : her_webhooks()) EXPECT_EQ(deliver(platform, hook).status, 200);
    EXPECT_EQ(admin.post("/api/audit", audit_action()).status, 201);
    EXPECT_EQ(newest_position(admin), settled) << "a redelivery adds nothing";

    // Live and rebuilt views have equal bytes (both are held to a replay below), the log is whole.
    wait_for_views(admin);
    const std::string data = server.data().string();
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"rebuild", "--all", "--data", data},
          std::vector<std::string>{"verify", "--data", data}}) {
        const Finished done = run_decklog(command);
        EXPECT_EQ(done.exit_code, 0) << command[0] << done.out << done.err;
    }
    expect_nothing_of_her(every_answer(door_of(server)));
    wait_for_views(admin);

    expect_nothing_of_her(all_files(server.data()), "the files of the running server");
    ASSERT_EQ(server.stop(), 0);
    expect_nothing_of_her(server.log(), "the log");
    expect_forgotten(server.data());

    // Her next message begins anew.
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient later(server.url());
    ASSERT_EQ(deliver_telegram(later, her().telegram, "hello", 70'009).status, 200);
    HttpClient reader(server.url(), server.admin_token());
    const auto mine = object_of(reader.get("/api/events?actor=telegram:" + her().telegram).body);
    ASSERT_EQ(mine.at("items").as_array().size(), 1U);
    EXPECT_EQ(mine.at("items").at(0).at("personal").at("text"), "hello");
}

TEST(ErasureTest, RefusesWhatItMustNotKeepAndWhomItDoesNotKnow) {
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", hook_secrets());
    server.set_variable("DECKLOG_DRAIN_SECONDS", "0");
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient platform(server.url());
    HttpClient admin(server.url(), server.admin_token());
    fill(platform, admin);
    const auto refused = [&admin](const json::object& body) {
        const HttpAnswer answer = admin.post("/api/subjects/erase", json::serialize(body));
        return std::to_string(answer.status) + " " +
               std::string(object_of(answer.body).at("error").as_string());
    };
    EXPECT_EQ(refused({{"person", her_ids()[0]}, {"reason", "+49 151 12345678 asked"}}),
              "400 native_id_in_reason");
    EXPECT_EQ(refused({{"person", her_ids()[0]}, {"reason", ""}}), "400 invalid_reason");
    EXPECT_EQ(refused({{"person", "somebody"}, {"reason", "x"}}), "400 invalid_person");
    EXPECT_EQ(refused({{"person", "whatsapp:4900000000"}, {"reason", "x"}}), "404 not_found");
    EXPECT_EQ(refused({{"person", "p_00000000000000000000000000000001"}, {"reason", "x"}}),
              "404 not_found");
    const Finished unknown = run_decklog(
        {"erase", "whatsapp:4900000000", "--reason", "x", "--data", server.data().string()});
    EXPECT_EQ(unknown.exit_code, 1);
    EXPECT_NE((unknown.out + unknown.err).find("not_found"), std::string::npos);
    EXPECT_EQ(run_decklog({"erase", her_ids()[0]}).exit_code, 64) << "no reason";
    ASSERT_EQ(server.stop(), 0);
    EXPECT_EQ(server.log().find("4900000000"), std::string::npos);
    expect_nothing_of_her(server.log(), "the log");
}

TEST(ErasureTest, YesterdaysBackupWithYesterdaysVaultLeavesHerErased) {
    const TemporaryFolder folder;
    const auto backup = folder.path() / "place" / "yesterday";
    const auto vault = folder.path() / "kept-apart" / "vault";
    std::filesystem::create_directories(backup.parent_path());
    std::filesystem::create_directories(vault.parent_path());
    ServerProcess server(folder.path() / "data", hook_secrets());
    server.set_variable("DECKLOG_DRAIN_SECONDS", "0");
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient platform(server.url());
    HttpClient admin(server.url(), server.admin_token());
    fill(platform, admin);
    const Finished made = run_decklog(
        {"backup", backup.string(), "--vault", vault.string(), "--data", server.data().string()});
    ASSERT_EQ(made.exit_code, 0) << made.out << made.err;
    for (const std::string& id : her_ids())
        ASSERT_EQ(admin.post("/api/subjects/erase", wish(id)).status, 200) << id;
    EXPECT_EQ(found(whole_file(backup.parent_path() / "erasures"), "\"subject\""), 5U);
    ASSERT_EQ(server.stop(), 0);

    const auto restored = folder.path() / "restored";
    const Finished done = run_decklog(
        {"restore", backup.string(), "--vault", vault.string(), "--data", restored.string()});
    ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
    expect_forgotten(restored);
    const Finished events = run_decklog({"events", "--json", "--data", restored.string()});
    expect_nothing_of_her(events.out, "what the restored log shows");
    EXPECT_EQ(found(events.out, "\"SubjectErased\""), 5U);
}

std::string telegram_id(int round) { return std::to_string(8'100'000'000LL + round); }
std::string text_of(int round) { return "words of round " + std::to_string(round) + " end"; }

/// What the log says of each round's person: is there a SubjectErased, do the words still open?
void expect_all_or_nothing(HttpClient& admin, int rounds) {
    const auto events = object_of(admin.get("/api/events?limit=1000").body);
    std::set<std::string> erased;
    for (const auto& event : events.at("items").as_array()) {
        if (event.at("type") == "SubjectErased")
            erased.insert(std::string(event.at("subject").as_string()));
    }
    int seen = 0;
    for (const auto& event : events.at("items").as_array()) {
        const auto& object = event.as_object();
        if (object.at("type") != "MessageReceived") continue;
        ++seen;
        const bool is_open = object.at("personal").is_object();
        EXPECT_EQ(is_open, !erased.contains(std::string(object.at("subject").as_string())));
    }
    EXPECT_EQ(seen, rounds);
}

TEST(ErasureTest, AKillInTheMiddleIsMadeGoodByTheNextStart) {
    constexpr int kRounds = 6;
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", hook_secrets());
    server.set_variable("DECKLOG_DRAIN_SECONDS", "0");
    for (int round = 0; round < kRounds; ++round) {
        ASSERT_TRUE(server.start()) << server.log();
        HttpClient platform(server.url());
        HttpClient admin(server.url(), server.admin_token());
        expect_all_or_nothing(admin, round);
        ASSERT_EQ(
            deliver_telegram(platform, telegram_id(round), text_of(round), 80'000 + round).status,
            200);
        std::jthread erasing([url = server.url(), token = server.admin_token(), round] {
            HttpClient client(url, token);
            static_cast<void>(
                client.post("/api/subjects/erase", wish("telegram:" + telegram_id(round))));
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(2 + 6 * round));
        server.kill_hard();
    }
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient admin(server.url(), server.admin_token());
    expect_all_or_nothing(admin, kRounds);
    for (int round = 0; round < kRounds; ++round) {
        // 404: the kill came behind the commit, and the start has finished it.
        const int status =
            admin.post("/api/subjects/erase", wish("telegram:" + telegram_id(round))).status;
        EXPECT_TRUE(status == 200 || status == 404) << status;
    }
    ASSERT_EQ(server.stop(), 0);
    const Finished verified = run_decklog({"verify", "--data", server.data().string()});
    EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
    std::size_t keys = 0;
    for (const auto& [key, value] : vault_rows(server.data())) {
        if (key.front() == 'K') ++keys;
    }
    EXPECT_EQ(keys, 1U) << "the key of the raw bodies' day is the only one left";
}

}  // namespace decklog::e2e::erasure
