// Every fixture of the four platforms goes into the real server, questions are asked about it, and
// afterwards nothing that names a person or says what a person said stands in `ledger/`, in
// `views/`, in HEAD, in the log or in the metrics: neither as bytes of the files, nor in the rows
// after decompression, nor inside base64.
#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "projections/counts_merge.hpp"
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

std::string whole_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// All keys and values of all families, as RocksDB gives them: decompressed.
std::string all_rows(const std::filesystem::path& database) {
    rocksdb::DBOptions options;
    std::vector<std::string> names;
    EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(options, database.string(), &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) {
        rocksdb::ColumnFamilyOptions family;
        family.merge_operator = projections::counts_merge_operator();
        families.emplace_back(name, family);
    }
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::OpenForReadOnly(options, database.string(), families, &handles, &opened);
    EXPECT_TRUE(status.ok()) << status.ToString();
    if (!status.ok()) return {};
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::string rows;
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
        const std::unique_ptr<rocksdb::Iterator> row(
            db->NewIterator(rocksdb::ReadOptions(), handle));
        for (row->SeekToFirst(); row->Valid(); row->Next()) {
            rows += row->key().ToString() + "\n" + row->value().ToString() + "\n";
        }
        EXPECT_TRUE(row->status().ok());
    }
    for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
    return rows;
}

std::string all_files(const std::filesystem::path& folder) {
    std::string bytes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) bytes += whole_file(entry.path());
    }
    return bytes;
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
