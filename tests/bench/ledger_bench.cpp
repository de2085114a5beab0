// A large ledger, as an operator meets it: how fast it starts, clean and after kill -9 under load,
// what memory it takes, what the observability snapshot, a rebuild of every view and verify cost.
// Starts the real binary on a directory that is filled first (or was, in an earlier run, with
// --data).
//
//   ledger_bench --events 10000000 --data DIR [--only fill|serve|verify|disk]
#include <cstdlib>
#include <thread>

#include "store/frame/frame.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/rocks_rows.hpp"
#include "store/verify/verify.hpp"
#include "store/verify/verify_log.hpp"
#include "tests/bench/support/bulk_ledger.hpp"
#include "tests/bench/support/closed_loop.hpp"
#include "tests/bench/support/options.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/scratch.hpp"
#include "tests/bench/support/timing.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::bench {
namespace {

constexpr std::size_t kConnections = 64;
constexpr double kLoadSeconds = 5;
constexpr int kSnapshots = 300;
constexpr int kWarmUp = 5;  // the first ones read the rows from disk
constexpr auto kSettle = std::chrono::seconds(5);
constexpr double kStartSeconds = 2;
constexpr double kMemoryMb = 512;
constexpr double kChainPerSecond = 800'000;
constexpr double kVerifyPerSecond = 150'000;
constexpr double kSnapshotMs = 5;
constexpr auto kFoldPatience = std::chrono::hours(2);
constexpr const char* kSnapshotTarget = "/api/admin/observability?windowHours=24";

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

/// From exec to the first 200 of /ready: recovered, and views caught up.
double start(e2e::ServerProcess& server, std::chrono::seconds within) {
    Stopwatch watch;
    watch.start();
    if (!server.start(within)) give_up("the server did not get ready\n" + server.log());
    watch.stop();
    return watch.seconds();
}

std::uint16_t port_of(const e2e::ServerProcess& server) {
    const std::string port = server.url().substr(server.url().rfind(':') + 1);
    return static_cast<std::uint16_t>(std::strtoul(port.c_str(), nullptr, 10));
}

std::string audit_request(const std::string& token, std::uint64_t number) {
    const std::string body =
        R"({"actorType":"agent","actorId":"agent-7","entityType":"conversation","entityId":"c-)" +
        std::to_string(number % 5'000) + R"(","action":"ai_reply_sent","platform":"whatsapp",)" +
        R"("conversationId":"c-)" + std::to_string(number % 5'000) + R"("})";
    return "POST /api/audit HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

/// Writes at full rate from 64 connections until the server is killed in the middle of it.
void kill_under_load(e2e::ServerProcess& server) {
    std::vector<std::string> requests;
    for (std::uint64_t number = 0; number < 400'000; ++number)
        requests.push_back(audit_request(server.admin_token(), number));
    std::thread load([&requests, port = port_of(server)] {
        static_cast<void>(closed_loop(port, kConnections, requests, kLoadSeconds * 4));
    });
    std::this_thread::sleep_for(std::chrono::duration<double>(kLoadSeconds));
    server.kill_hard();
    load.join();
}

void snapshots(e2e::ServerProcess& server, Report& report) {
    e2e::HttpClient client(server.url(), server.admin_token());
    std::vector<double> took_ms;
    for (int i = -kWarmUp; i < kSnapshots; ++i) {
        Stopwatch watch;
        watch.start();
        const auto answer = client.get(kSnapshotTarget);
        watch.stop();
        if (answer.status != 200) give_up("no snapshot: " + answer.body);
        if (i >= 0) took_ms.push_back(watch.seconds() * 1e3);
    }
    report.add({"observability snapshot over HTTP, 24 h holding all of it, p99 idle",
                percentile(took_ms, 0.99),
                "ms",
                {},
                {Rule::value_at_most, kSnapshotMs}});
}

void rebuild_all(e2e::ServerProcess& server, std::uint64_t events, Report& report) {
    Stopwatch watch;
    watch.start();
    const auto done = e2e::run_decklog({"rebuild", "--all", "--data", server.data().string()}, {});
    watch.stop();
    if (done.exit_code != 0) give_up("rebuild: " + done.err);
    report.add({"rebuild of all views, one after the other, beside the live ones",
                static_cast<double>(events) / watch.seconds(), "events/s"});
}

void starts(e2e::ServerProcess& server, std::uint64_t events, Report& report) {
    const double folding = start(server, kFoldPatience);
    report.add({"first start: all views folded from the log", static_cast<double>(events) / folding,
                "events/s"});
    static_cast<void>(server.stop());
    report.add({"start after a clean stop, until ready",
                start(server, kFoldPatience),
                "s",
                {},
                {Rule::value_at_most, kStartSeconds}});
    kill_under_load(server);
    report.add({"start after kill -9 under full load, until ready",
                start(server, kFoldPatience),
                "s",
                {},
                {Rule::value_at_most, kStartSeconds}});
}

/// One pass over the log as rows alone, as the chain on one thread, and as verify does it.
void read_and_chain(const std::filesystem::path& root, Report& report) {
    auto rows = store::RocksRows::open(root / "ledger", nullptr);
    if (!rows) give_up(rows.error().context);
    const store::KeyRange range = store::whole_partition(0);
    std::uint64_t frames = 0;
    const auto scan = [&](const store::KeyValueSink& sink) {
        frames = 0;
        Stopwatch watch;
        watch.start();
        const auto scanned = (*rows)->scan(store::RowFamily::log, range.begin, range.end,
                                           store::Order::ascending, store::Access::bulk, sink);
        watch.stop();
        if (!scanned) give_up(scanned.error().context);
        return watch;
    };
    const auto count = [&](std::string_view, std::string_view) { return ++frames > 0; };
    static_cast<void>(scan(count));  // warms the page cache
    const Stopwatch bare = scan(count);
    domain::Bytes32 chain{};
    const Stopwatch alone = scan([&](std::string_view, std::string_view value) {
        const auto frame = store::Frame::decode(
            {reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
        if (!frame) give_up(frame.error().context);
        chain = store::chain_step(chain, **frame);
        return ++frames > 0;
    });
    Stopwatch chained;
    chained.start();
    const auto key = store::RowSumKey::random();
    const auto pass = store::pass_over_log(**rows, 0, key, {}, store::Demands::leave_out);
    chained.stop();
    if (pass.fault || pass.head.chain != chain) give_up("the two passes differ");
    const auto many = static_cast<double>(frames);
    report.add({"verify, the chain alone; raw: RocksDB scan of the same rows",
                many / chained.seconds(),
                "frames/s",
                many / bare.seconds(),
                {Rule::value_at_least, kChainPerSecond}});
    report.add({"the same; raw: on one thread", many / chained.seconds(), "frames/s",
                many / alone.seconds()});
    report.add({"processor time of it a frame; raw: on one thread", chained.cpu() / many * 1e6,
                "us", alone.cpu() / many * 1e6});
}

void verify_everything(const std::filesystem::path& root, Report& report) {
    const OpenLedger open = open_ledger(root);
    Stopwatch watch;
    watch.start();
    const auto verified = store::verify(*open.ledger, {});
    watch.stop();
    if (!verified || !verified->ok()) give_up(verified ? verified->problem : "verify failed");
    report.add({"verify, everything",
                static_cast<double>(verified->frames) / watch.seconds(),
                "frames/s",
                {},
                {Rule::value_at_least, kVerifyPerSecond}});
    report.add({"processor time of it a frame",
                watch.cpu() / static_cast<double>(verified->frames) * 1e6, "us"});
}

std::uint64_t fill(const std::filesystem::path& root, std::uint64_t events, Report& report) {
    const OpenLedger open = open_ledger(root);
    const std::uint64_t has = open.ledger->head(0).next_ordinal;
    if (has < events) {
        const double seconds = fill_with_mix(*open.ledger, events);
        report.add({"bulk append, batches of 2,000", static_cast<double>(events - has) / seconds,
                    "events/s"});
    }
    return open.ledger->head(0).next_ordinal;
}

void serve(const std::filesystem::path& root, std::uint64_t events, Report& report) {
    e2e::ServerProcess server(root, e2e::hook_secrets());
    starts(server, events, report);
    std::this_thread::sleep_for(kSettle);  // the folds and merges of what came before the kill
    snapshots(server, report);
    report.add({"memory after start, load and snapshots, resident",
                memory_of(pid_of_server(root)).now_mb,
                "MB",
                {},
                {Rule::value_at_most, kMemoryMb}});
    rebuild_all(server, events, report);
    report.add({"memory at its peak, with a rebuild of every view",
                memory_of(pid_of_server(root)).peak_mb,
                "MB",
                {},
                {Rule::value_at_most, kMemoryMb}});
    static_cast<void>(server.stop());
}

void disk(const std::filesystem::path& root, std::uint64_t events, Report& report) {
    for (const char* part : {"ledger", "views"}) {
        report.add({std::string("bytes on disk an event, ") + part + "/",
                    static_cast<double>(bytes_under(root / part)) / static_cast<double>(events),
                    "bytes"});
    }
}

int run(const Options& options) {
    const auto events = static_cast<std::uint64_t>(options.number("events", 500'000));
    const Scratch scratch(options.text("dir", "."), "ledger");
    const std::filesystem::path root = options.text("data", (scratch.path() / "data").string());
    Report report("ledger", options.text("json", ""));
    const std::string only = options.text("only", "");
    const auto wants = [&only](std::string_view part) { return only.empty() || only == part; };
    const std::uint64_t has = fill(root, events, report);  // nothing when it is there already
    report.add({"events in the ledger", static_cast<double>(has) / 1e6, "M"});
    if (wants("serve")) serve(root, has, report);
    if (wants("verify")) {
        read_and_chain(root, report);
        verify_everything(root, report);
    }
    if (wants("disk")) disk(root, has, report);
    return 0;
}

}  // namespace
}  // namespace decklog::bench

int main(int argc, char** argv) {
    return decklog::bench::run({argc, argv, {"events", "only", "data", "dir", "json"}});
}
