// Writes what the fuzz targets start from: the platforms' payloads that stand beside the checkout
// (when they do), golden events as frames, and a few texts of every other kind.
//   write_corpus DIRECTORY
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "domain/gate/profiles.hpp"
#include "store/backup/manifest.hpp"
#include "store/frame/frame.hpp"
#include "store/kafka/replica_state.hpp"
#include "tests/domain/golden_samples.hpp"
#include "tests/ingest/fixtures.hpp"

using namespace decklog;

namespace {

class Corpus {
  public:
    explicit Corpus(std::filesystem::path root) : root_(std::move(root)) {}
    void add(const std::string& target, std::string_view bytes) {
        const auto folder = root_ / target;
        std::filesystem::create_directories(folder);
        std::ofstream(folder / ("seed-" + std::to_string(count_++)), std::ios::binary) << bytes;
    }

  private:
    std::filesystem::path root_;
    std::size_t count_ = 0;
};

void add_payloads(Corpus& corpus) {
    if (!ingest::fixtures::are_here()) {
        std::fprintf(stderr,
                     "no fixtures beside the checkout: the corpora of the platforms stay empty\n");
        return;
    }
    for (const auto& fixture : ingest::fixtures::all()) {
        const std::string platform(to_text(fixture.platform));
        corpus.add(platform + "_fuzz", fixture.body);
        corpus.add("http_fuzz",
                   "POST /hooks/" + platform +
                       " HTTP/1.1\r\nHost: a\r\nContent-Type: " + fixture.content_type +
                       "\r\nContent-Length: " + std::to_string(fixture.body.size()) + "\r\n\r\n" +
                       fixture.body);
    }
}

void add_frames(Corpus& corpus) {
    for (const auto& sample : domain::golden::payload_samples()) {
        domain::NewEvent event = {};
        event.stream = "room/telegram/default/-4001";
        event.platform = "telegram";
        event.conversation = "-4001";
        event.payload = sample.bytes;
        for (const domain::TypeInfo& info : domain::all_types()) {
            if (sample.file.starts_with(domain::golden::file_name(info, 1))) event.type = info.type;
        }
        const store::PlacedEvent placed[] = {{&event, {}, 1}};
        const auto frame = store::Frame::encode({}, {0, 7}, 1'790'000'000'000'000, {}, {}, placed);
        const auto bytes = frame->bytes();
        corpus.add("frame_fuzz", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
}

void add_texts(Corpus& corpus) {
    for (const char* text :
         {"7f3a9c01.0:12", "0:12", "7f3a9c01.0:12,1:9", "2026-11-25T17:27:36.123456Z",
          "2026-02-28T23:59:60+05:30", "p_000102030405060708090a0b0c0d0e0f",
          "/api/streams/room%2Ftelegram?cursor=0:1&limit=5", "http://host/a//b?c=%252F",
          "10.0.0.1, ::1", "10.0.0.0/8",
          "dlk_a1b2c3d4_0123456789012345678901234567890123456789012"}) {
        corpus.add("cursor_fuzz", text);
    }
    for (
        const char* text :
        {R"({"actorType":"AI","actorId":"a","entityType":"Message","entityId":"7","action":"ai_reply_created","details":{"decision":{"outcome":"sent"},"x":[1,2.50]},"createdAt":"2026-11-25T10:00:00Z","id":12})",
         R"([{"specversion":"1.0","type":"com.example.built","source":"/ci","id":"1","subject":"ext/ci","time":"2026-11-25T10:00:00+02:00","data":{"a":null}}])",
         R"({"specversion":"1.0","type":"message.recorded","source":"/crm","id":"1","data":{"messageId":"m1","conversationId":"c1","platform":"whatsapp","direction":"inbound","reviewStatus":"new","sentAt":"2026-11-25T10:00:00Z"}})",
         "{\"a\":1}\nce-specversion:1.0\nce-type:com.example\nce-source:/"
         "ci\nce-id:%41\ncontent-type:application/json"}) {
        corpus.add("writes_fuzz", text);
    }
    for (const char* text :
         {"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: "
          "chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\nGET /echo HTTP/1.0\r\n\r\n",
          "HEAD /guarded HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer dlk_a_b\r\nX-Request-Id: "
          "1\r\n\r\n"}) {
        corpus.add("http_fuzz", text);
    }
}

void add_files(Corpus& corpus) {
    store::Manifest manifest;
    manifest.release = "0.1.0";
    manifest.partitions.push_back({0, {12, 1'790'000'000'000'000, {}}});
    manifest.files.push_back({"ledger/000012.sst", {}});
    corpus.add("files_fuzz", store::to_text(manifest));
    corpus.add(
        "files_fuzz",
        R"({"export":{"format":1,"full":true,"ledgerId":"00000000000000000000000000000000"}})"
        "\n"
        R"({"position":"0:1","eventId":"0198","type":"audit_action_recorded"})");
    namespace kafka = store::kafka;
    const auto record = kafka::encode_record(
        {}, kafka::encode_announcement({"http://127.0.0.1:8080", "0.1.0", 1, false}));
    corpus.add("files_fuzz", {reinterpret_cast<const char*>(record.data()), record.size()});
    kafka::ReplicaState state;
    state.next_offset = 7;
    corpus.add("files_fuzz", kafka::encode_state(state));
}

void add_policies(Corpus& corpus) {
    for (const char* name : {"default", "lease-bot"})
        corpus.add("policy_fuzz", domain::gate::canonical_text(*domain::gate::find_profile(name)));
    corpus.add("policy_fuzz",
               "profile = \"lease-bot\" # base\nalpha = 1e-3\n[silence]\nchecks = 5\n[[streams]]\n"
               "action = \"a\"\nattempts = [\"b\", \"c\"]\nbaseline = \"floor\"\nfloor = 0.01\n");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: write_corpus DIRECTORY\n");
        return 64;
    }
    Corpus corpus(argv[1]);
    add_payloads(corpus);
    add_frames(corpus);
    add_texts(corpus);
    add_policies(corpus);
    add_files(corpus);
    return 0;
}
