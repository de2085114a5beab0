// One person writes on four platforms and is spoken of in an audit action; then is erased.
// Afterwards her number, name and words stand in no file, no log line and no answer: not as bytes,
// not in base64, not behind any key that is left. Everybody else's words are still there.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <boost/json.hpp>
#include <filesystem>
#include <set>
#include <thread>

#include "domain/payload.hpp"
#include "store/frame/frame.hpp"
#include "store/rocks_ledger.hpp"
#include "store/vault/compress.hpp"
#include "store/vault/keyed_vault.hpp"
#include "store/vault/seal.hpp"
#include "store/vault/vault_rows.hpp"
#include "tests/e2e/file_search.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/ingest/personal_words.hpp"

namespace decklog::e2e::erasure {

namespace json = boost::json;

constexpr const char* kNumber = "4915112345678";
constexpr const char* kName = "Ottilie Quastenflosser";
constexpr const char* kText = "the spare key lies under the third anchor";
constexpr const char* kTelegramId = "7318462051";
constexpr const char* kDiscordId = "930000000000077123";
constexpr const char* kSlackId = "U0QUASTE77";
/// The bytes that a number has inside a WhatsApp message id.
constexpr const char* kMessageId =
    "wamid.HBgNNDkxNTExMjM0NTY3OBUCABIYFjNFQjBDMUQ4RTU1QzVBOTlEOTlCNzcA";
constexpr const char* kOthersWords = "ebb tide at four, all moorings checked";

const std::vector<std::string>& words() {
    static const std::vector<std::string> kWords{kNumber,    kName,    kText,     kTelegramId,
                                                 kDiscordId, kSlackId, kMessageId};
    return kWords;
}

struct Webhook {
    std::string platform, body;
};

std::string telegram(const std::string& from, const std::string& name, const std::string& text,
                     int update) {
    const std::int64_t id = std::stoll(from);
    return json::serialize(
        json::object{{"update_id", update},
                     {"message",
                      {{"message_id", update},
                       {"from", {{"id", id}, {"is_bot", false}, {"first_name", name}}},
                       {"chat", {{"id", id}, {"type", "private"}, {"first_name", name}}},
                       {"date", now_seconds()},
                       {"text", text}}}});
}

std::string whatsapp(const std::string& from, const std::string& name, const std::string& text,
                     const std::string& id) {
    json::array messages{{{"from", from},
                          {"id", id},
                          {"timestamp", std::to_string(now_seconds())},
                          {"type", "text"},
                          {"text", {{"body", text}}}}};
    json::object value{
        {"messaging_product", "whatsapp"},
        {"metadata",
         {{"display_phone_number", "15550100000"}, {"phone_number_id", "900000000000001"}}},
        {"contacts", {{{"profile", {{"name", name}}}, {"wa_id", from}}}},
        {"messages", std::move(messages)}};
    return json::serialize(
        json::object{{"object", "whatsapp_business_account"},
                     {"entry",
                      {{{"id", "900000000000000"},
                        {"changes", {{{"field", "messages"}, {"value", std::move(value)}}}}}}}});
}

std::string slack(const std::string& from, const std::string& text, const std::string& id) {
    return json::serialize(json::object{{"token", "t"},
                                        {"team_id", "T0"},
                                        {"api_app_id", "A0"},
                                        {"type", "event_callback"},
                                        {"event_id", id},
                                        {"event_time", now_seconds()},
                                        {"event",
                                         {{"type", "message"},
                                          {"user", from},
                                          {"text", text},
                                          {"ts", std::to_string(now_seconds()) + ".000100"},
                                          {"channel", "C0HARBOUR"},
                                          {"channel_type", "channel"}}}});
}

std::string discord(const std::string& from, const std::string& name, const std::string& text,
                    const std::string& id) {
    return json::serialize(
        json::object{{"type", 2},
                     {"id", id},
                     {"application_id", "910000000000000000"},
                     {"token", "t"},
                     {"guild_id", "920000000000000000"},
                     {"channel_id", "920000000000000001"},
                     {"member",
                      {{"user", {{"id", from}, {"username", name}, {"global_name", name}}},
                       {"roles", json::array{}}}},
                     {"data",
                      {{"id", "1"},
                       {"name", "ops"},
                       {"type", 1},
                       {"options", {{{"type", 3}, {"name", "note"}, {"value", text}}}}}},
                     {"version", 1}});
}

/// Made once: a redelivery is the same bytes.
const std::vector<Webhook>& her_webhooks() {
    static const std::string all = std::string(kText) + ", call " + kNumber + ", " + kName;
    static const std::vector<Webhook> kHooks{
        {"telegram", telegram(kTelegramId, kName, all, 70'001)},
        {"whatsapp", whatsapp(kNumber, kName, all, kMessageId)},
        {"slack", slack(kSlackId, all, "Ev0HERS")},
        {"discord", discord(kDiscordId, kName, all, "1222333444555666777")}};
    return kHooks;
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
                                          {"note", kText},
                                          {"phone", kNumber},
                                          {"guest", kName}}}});
}

HttpAnswer deliver(HttpClient& platform, const Webhook& hook) {
    Headers headers = telegram_headers();
    if (hook.platform == "whatsapp") headers = whatsapp_headers(hook.body);
    if (hook.platform == "slack") headers = slack_headers(hook.body, now_seconds());
    if (hook.platform == "discord") headers = discord_headers(hook.body, now_seconds());
    return platform.post("/hooks/" + hook.platform, hook.body, headers);
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

std::size_t found(const std::string& text, const std::string& word) {
    std::size_t times = 0;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++times;
    return times;
}

void expect_nothing_of_her(const std::string& bytes, const std::string& where) {
    for (const std::string& word : words()) {
        EXPECT_EQ(found(bytes, word), 0U) << word << " stands in " << where;
        for (const std::string& form : ingest::fixtures::base64_forms(word))
            EXPECT_EQ(found(bytes, form), 0U) << word << " stands in " << where << " in base64";
    }
}

/// Every answer that could show her.
std::string all_answers(HttpClient& admin) {
    std::string answers;
    for (const char* question :
         {"/api/events?limit=1000", "/api/rooms?limit=1000", "/api/audit?by=agent",
          "/api/audit?by=conversation", "/api/admin/observability", "/api/views/rooms",
          "/api/views/audit", "/api/views/baselines", "/api/tokens", "/health", "/metrics",
          "/api/rooms/slack:default:C0HARBOUR/messages",
          "/api/rooms/discord:default:920000000000000001/messages"}) {
        const HttpAnswer answer = admin.get(question);
        EXPECT_EQ(answer.status, 200) << question << " " << answer.body;
        answers += answer.body + "\n";
    }
    const auto rooms = object_of(admin.get("/api/rooms?limit=1000").body);
    for (const auto& room : rooms.at("items").as_array()) {
        answers +=
            admin.get("/api/rooms/" + std::string(room.at("id").as_string()) + "/messages").body;
    }
    return answers;
}

/// All rows of a vault that stands still.
std::vector<std::pair<std::string, std::string>> vault_rows(const std::filesystem::path& vault) {
    rocksdb::Options options;
    options.track_and_verify_wals_in_manifest = true;  // as it was written
    rocksdb::DB* opened = nullptr;
    EXPECT_TRUE(rocksdb::DB::OpenForReadOnly(options, vault.string(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::vector<std::pair<std::string, std::string>> rows;
    const std::unique_ptr<rocksdb::Iterator> row(db->NewIterator(rocksdb::ReadOptions()));
    for (row->SeekToFirst(); row->Valid(); row->Next())
        rows.emplace_back(row->key().ToString(), row->value().ToString());
    return rows;
}

/// Tries every key that is left on everything that is sealed; what opens, as one text.
std::string opened_with_every_key(const std::filesystem::path& data) {
    std::vector<store::SecretKey> keys;
    for (const auto& [key, value] : vault_rows(data / "vault")) {
        if (key.front() != 'K') continue;
        const auto row = store::decode_key(value);
        EXPECT_TRUE(row);
        if (row) keys.push_back(row->key);
    }
    EXPECT_FALSE(keys.empty());
    std::vector<domain::Bytes> sealed;
    store::LedgerOptions options;
    options.read_only = true;
    options.disk_free_bytes_min = 0;
    options.disk_free_share_min = 0;
    const auto ledger = store::open_rocks_ledger(data, options);
    EXPECT_TRUE(ledger);
    if (!ledger) return {};
    EXPECT_TRUE((*ledger)->read({0, 0}, [&](const store::FramePtr& frame) {
        for (std::size_t i = 0; i < frame->event_count(); ++i) {
            const auto event = frame->event(i);
            if (event.sealed_size() > 0)
                sealed.emplace_back(event.sealed_data(), event.sealed_data() + event.sealed_size());
            if (!event.raw()) continue;
            if (const auto body = (*ledger)->raw_body(*event.raw())) sealed.push_back(*body);
        }
        return true;
    }));
    (*ledger)->stop();
    std::string text;
    for (const domain::Bytes& part : sealed) {
        for (const store::SecretKey& key : keys) {
            const auto plain = store::open_part(key, part);
            if (!plain) continue;
            text.append(plain->begin(), plain->end());
            const auto unpacked = store::decompress(*plain, store::kRawBodyBytesMax);
            if (unpacked) text.append(unpacked->begin(), unpacked->end());
        }
    }
    return text;
}

/// Files, rows and everything that still opens, of a data directory that nobody has open.
void expect_forgotten(const std::filesystem::path& data) {
    expect_nothing_of_her(all_files(data), "the files");
    for (const char* database : {"ledger", "views", "vault"})
        expect_nothing_of_her(all_rows(data / database), std::string("the rows of ") + database);
    const TemporaryFolder copy;
    std::filesystem::copy(data, copy.path() / "data", std::filesystem::copy_options::recursive);
    const std::string opened = opened_with_every_key(copy.path() / "data");
    expect_nothing_of_her(opened, "what every key left opens");
    EXPECT_GE(found(opened, kOthersWords), 2U) << "sealed parts and raw bodies of others open";
}

void fill(HttpClient& platform, HttpClient& admin) {
    for (const Webhook& hook : her_webhooks())
        ASSERT_EQ(deliver(platform, hook).status, 200) << hook.platform;
    ASSERT_EQ(admin.post("/api/audit", audit_action()).status, 201);
    ASSERT_EQ(deliver(platform, {"slack", slack("U0BEN", kOthersWords, "Ev0BENS")}).status, 200);
    ASSERT_EQ(
        deliver(platform, {"telegram", telegram("4711000001", "Ben", kOthersWords, 70'002)}).status,
        200);
}

const std::vector<std::string>& her_ids() {
    static const std::vector<std::string> kIds{
        std::string("whatsapp:") + kNumber, std::string("telegram:") + kTelegramId,
        std::string("discord:") + kDiscordId, std::string("slack:") + kSlackId,
        "conversation:roomies:c-77"};
    return kIds;
}

std::string wish(const std::string& person) {
    return json::serialize(json::object{{"person", person}, {"reason", "asked on 12 May"}});
}

TEST(ErasureTest, NothingOfAnErasedPersonIsLeftAnywhere) {
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", hook_secrets());
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient platform(server.url());
    HttpClient admin(server.url(), server.admin_token());
    fill(platform, admin);
    const std::string wait = "?wait=" + newest_position(admin);
    ASSERT_EQ(admin.get("/api/rooms" + wait).status, 200);
    const std::string before = all_answers(admin);
    for (const std::string& word : {std::string(kNumber), std::string(kName), std::string(kText)})
        EXPECT_GE(found(before, word), 4U) << "the search must be able to find her: " << word;

    // What would go, and that nothing does.
    const std::string position = newest_position(admin);
    const Finished dry = run_decklog(
        {"erase", her_ids()[0], "--dry-run", "--json", "--data", server.data().string()});
    EXPECT_EQ(dry.exit_code, 0) << dry.err;
    const auto would = object_of(dry.out);
    EXPECT_EQ(would.at("dryRun"), true);
    EXPECT_EQ(would.at("events"), 1);
    EXPECT_EQ(would.at("keys"), 1);
    EXPECT_EQ(would.at("rawBodies"), 1);
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

    ASSERT_EQ(admin.get("/api/rooms?wait=" + newest_position(admin)).status, 200);
    const std::string answers = all_answers(admin);
    expect_nothing_of_her(answers, "an answer");
    EXPECT_GE(found(answers, "[erased]"), 5U);
    EXPECT_GE(found(answers, kOthersWords), 2U);
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
    for (const Webhook& hook : her_webhooks()) EXPECT_EQ(deliver(platform, hook).status, 200);
    EXPECT_EQ(admin.post("/api/audit", audit_action()).status, 201);
    EXPECT_EQ(newest_position(admin), settled) << "a redelivery adds nothing";

    // Live, replayed and rebuilt views have equal bytes, and the log is whole.
    const std::string data = server.data().string();
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"rebuild", "--all", "--data", data},
          std::vector<std::string>{"verify", "--data", data}}) {
        const Finished done = run_decklog(command);
        EXPECT_EQ(done.exit_code, 0) << command[0] << done.out << done.err;
    }
    EXPECT_EQ(all_answers(admin).find(kName), std::string::npos);

    expect_nothing_of_her(all_files(server.data()), "the files of the running server");
    ASSERT_EQ(server.stop(), 0);
    expect_nothing_of_her(server.log(), "the log");
    expect_forgotten(server.data());

    // Her next message begins anew.
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient later(server.url());
    ASSERT_EQ(deliver(later, {"telegram", telegram(kTelegramId, kName, "hello", 70'009)}).status,
              200);
    HttpClient reader(server.url(), server.admin_token());
    const auto mine =
        object_of(reader.get(std::string("/api/events?actor=telegram:") + kTelegramId).body);
    ASSERT_EQ(mine.at("items").as_array().size(), 1U);
    EXPECT_EQ(mine.at("items").at(0).at("personal").at("text"), "hello");
}

TEST(ErasureTest, RefusesWhatItMustNotKeepAndWhomItDoesNotKnow) {
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", hook_secrets());
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
    if (run_decklog({"restore", "--help"}).exit_code != 0)
        GTEST_SKIP() << "NO RESTORE in this build: this test proves nothing here";
    const TemporaryFolder folder;
    const auto backup = folder.path() / "place" / "yesterday";
    const auto vault = folder.path() / "kept-apart" / "vault";
    std::filesystem::create_directories(backup.parent_path());
    std::filesystem::create_directories(vault.parent_path());
    ServerProcess server(folder.path() / "data", hook_secrets());
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
    if ((done.out + done.err).find("cannot apply the list of erasures") != std::string::npos)
        GTEST_SKIP() << "RESTORE APPLIES NO LIST in this build: this test proves nothing here";
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
    for (int round = 0; round < kRounds; ++round) {
        ASSERT_TRUE(server.start()) << server.log();
        HttpClient platform(server.url());
        HttpClient admin(server.url(), server.admin_token());
        expect_all_or_nothing(admin, round);
        ASSERT_EQ(deliver(platform, {"telegram", telegram(telegram_id(round), "N", text_of(round),
                                                          80'000 + round)})
                      .status,
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
    for (const auto& [key, value] : vault_rows(server.data() / "vault")) {
        if (key.front() == 'K') ++keys;
    }
    EXPECT_EQ(keys, 1U) << "the key of the raw bodies' day is the only one left";
}

}  // namespace decklog::e2e::erasure
