// Every fixture of the four platforms goes into the real server, questions are asked about it, and
// afterwards nothing that names a person or says what a person said stands in `ledger/`, in
// `views/`, in HEAD, in the log or in the metrics: neither as bytes of the files, nor in the rows
// after decompression, nor inside base64.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/file_search.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"
#include "tests/ingest/fixtures.hpp"
#include "tests/ingest/personal_words.hpp"

namespace decklog::e2e::personal_data {

namespace fixtures = ingest::fixtures;
using ingest::Platform;

Headers signed_headers(const fixtures::Fixture& fixture) {
    const std::int64_t now = now_seconds();
    switch (fixture.platform) {
        case Platform::telegram:
            return telegram_headers();
        case Platform::discord:
            return discord_headers(fixture.body, now);
        case Platform::whatsapp:
            return whatsapp_headers(fixture.body);
        case Platform::slack:
            return slack_headers(fixture.body, now, fixture.content_type);
    }
    return {};
}

void expect_nobody_in(const std::string& bytes, const std::string& where) {
    for (const std::string& word : fixtures::personal_words()) {
        EXPECT_EQ(bytes.find(word), std::string::npos) << word << " stands in " << where;
        for (const std::string& form : fixtures::base64_forms(word)) {
            EXPECT_EQ(bytes.find(form), std::string::npos)
                << word << " stands in " << where << " in base64";
        }
    }
}

TEST(PersonalDataTest, NothingOfAPersonStandsInFilesLogsOrMetrics) {
    DECKLOG_NEEDS_FIXTURES();
    const TemporaryFolder folder;
    ServerProcess server(folder.path() / "data", hook_secrets());
    ASSERT_TRUE(server.start()) << server.log();
    HttpClient platform(server.url());
    for (const fixtures::Fixture& fixture : fixtures::all()) {
        const HttpAnswer answer = platform.post("/hooks/" + std::string(to_text(fixture.platform)),
                                                fixture.body, signed_headers(fixture));
        ASSERT_EQ(answer.status, 200) << fixture.name << " " << answer.body;
    }
    HttpClient admin(server.url(), server.admin_token());
    const HttpAnswer events = admin.get("/api/events?limit=1000&wait=0:150");
    ASSERT_EQ(events.status, 200) << events.body;
    EXPECT_NE(events.body.find("Does it come in another color?"), std::string::npos)
        << "the admin must be able to read what is searched for";
    for (const char* question : {"/api/rooms?limit=1000", "/api/admin/observability",
                                 "/api/events?actor=whatsapp:16505551234"}) {
        EXPECT_EQ(admin.get(question).status, 200) << question;
    }
    const std::string metrics = admin.get("/metrics").body;
    ASSERT_FALSE(metrics.empty());
    ASSERT_EQ(server.stop(), 0);

    expect_nobody_in(metrics, "the metrics");
    expect_nobody_in(server.log(), "the log");
    for (const char* database : {"ledger", "views"}) {
        expect_nobody_in(all_files(server.data() / database),
                         std::string("the files of ") + database);
        const std::string rows = all_rows(server.data() / database);
        ASSERT_GT(rows.size(), 10'000U) << database;
        expect_nobody_in(rows, std::string("the rows of ") + database);
    }
    expect_nobody_in(whole_file(server.data() / "HEAD"), "HEAD");
}

}  // namespace decklog::e2e::personal_data
