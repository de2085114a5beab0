// Signed WhatsApp webhooks through the real binary: HMAC, JSON, sealing, dedupe, commit with fsync
// before the 200, all views live; 64 keep-alive connections in a closed loop. Against a bare Beast
// handler that answers 200, and against single-row inserts of PostgreSQL with as many clients, in
// turns on the same machine.
#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "domain/payload.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/bench/support/bare_beast.hpp"
#include "tests/bench/support/closed_loop.hpp"
#include "tests/bench/support/options.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/scratch.hpp"
#include "tests/bench/support/timing.hpp"
#include "tests/bench/support/whatsapp_traffic.hpp"
#include "tests/e2e/http_client.hpp"
#include "tests/e2e/server_process.hpp"

namespace decklog::bench {
namespace {

constexpr std::size_t kConnections = 64;
constexpr std::uint64_t kPeople = 2'000;
constexpr double kWarmUpSeconds = 1;
constexpr double kShareOfBare = 0.30;
constexpr double kTimesPostgres = 1.5;
constexpr double kP99Ms = 5;
constexpr double kSealingShare = 0.10;
constexpr int kNotInstalled = 3;

std::string request_of(std::uint64_t number) {
    const std::string body = whatsapp_body(number, kPeople);
    std::string request = "POST /hooks/whatsapp HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    request.append("X-Hub-Signature-256: ")
        .append(whatsapp_signature(e2e::hook_secrets().at("WHATSAPP_APP_SECRET"), body))
        .append("\r\nContent-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n\r\n")
        .append(body);
    return request;
}

/// The requests of one round, made ahead.
std::vector<std::string> requests_from(std::uint64_t& next, std::size_t count) {
    std::vector<std::string> requests;
    requests.reserve(count);
    for (std::size_t i = 0; i < count; ++i) requests.push_back(request_of(next++));
    return requests;
}

struct Postgres {
    double rate = 0, latency_ms = 0;
};

std::optional<Postgres> run_postgres(const std::filesystem::path& directory, double seconds) {
    std::filesystem::create_directories(directory);
    const std::string command = std::string(DECKLOG_SOURCE_DIR) +
                                "/tests/bench/support/postgres.sh " + directory.string() + " " +
                                std::to_string(static_cast<int>(seconds));
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return std::nullopt;
    Postgres measured;
    const int fields = std::fscanf(pipe, "%lf %lf", &measured.rate, &measured.latency_ms);
    const int status = ::pclose(pipe);
    if (status == 0 && fields == 2) return measured;
    std::fprintf(stderr,
                 WIFEXITED(status) && WEXITSTATUS(status) == kNotInstalled
                     ? "SKIPPED: PostgreSQL is not installed, so nothing is compared with it\n"
                     : "SKIPPED: PostgreSQL did not run\n");
    return std::nullopt;
}

/// Webhooks that share an fsync, from the server's own count since its start.
double webhooks_a_commit(const e2e::ServerProcess& server) {
    e2e::HttpClient client(server.url(), server.admin_token());
    const std::string metrics = client.get("/metrics").body;
    const auto number_after = [&metrics](std::string_view name) {
        const std::size_t at = metrics.find(name);
        return at == std::string::npos ? 0 : std::strtod(&metrics[at + name.size()], nullptr);
    };
    const double commits = number_after("\ndecklog_commit_batch_frames_count ");
    return commits > 0 ? number_after("\ndecklog_commit_batch_frames_sum ") / commits : 0;
}

struct Sealing {
    double part_us = 0, raw_us = 0;
};

/// What sealing the personal part, and compressing and sealing the raw body, cost a message.
Sealing time_sealing() {
    constexpr int kTimes = 20'000;
    const auto vault = store::make_memory_vault(nullptr);
    const store::NativeSubject who{"person", "whatsapp", "15550110000"};
    const std::string body = whatsapp_body(7, kPeople);
    fb::PersonalT personal;
    personal.display_name = "guest 7";
    personal.text = body.substr(body.size() - 160, 140);
    const auto fail = [] { std::abort(); };
    Stopwatch part;
    part.start();
    for (int i = 0; i < kTimes; ++i) {
        const auto subject = vault->subjects_for(std::span(&who, 1));
        if (!subject || !vault->seal(subject->front(), domain::encode_payload(personal))) fail();
    }
    part.stop();
    Stopwatch raw;
    raw.start();
    for (int i = 0; i < kTimes; ++i) {
        if (!vault->seal_raw(20'000,
                             {reinterpret_cast<const std::uint8_t*>(body.data()), body.size()}))
            fail();
    }
    raw.stop();
    return {part.cpu() / kTimes * 1e6, raw.cpu() / kTimes * 1e6};
}

int run(const Options& options) {
    const double seconds = options.number("seconds", 4);
    const auto rounds = static_cast<std::size_t>(options.number("rounds", 4));
    const bool only_ours = options.text("only", "") == "ours";  // for a profile
    // Fewer, with --only: where the p99 of 64 comes from.
    const auto connections = static_cast<std::size_t>(
        only_ours ? options.number("connections", kConnections) : kConnections);
    const Scratch scratch(options.text("dir", "."), "webhook");
    e2e::ServerProcess server(scratch.path() / "data", e2e::hook_secrets());
    if (!server.start()) return std::fprintf(stderr, "%s\n", server.log().c_str()), 1;
    const auto port = static_cast<std::uint16_t>(
        std::strtoul(server.url().substr(server.url().rfind(':') + 1).c_str(), nullptr, 10));
    const pid_t pid = pid_of_server(scratch.path() / "data");
    std::uint64_t next = 0;
    // Everyone's first message creates a subject; that is not the steady state.
    const auto warm_up = closed_loop(port, connections, requests_from(next, kPeople * 2), 60);
    if (warm_up.failed > 0) return 1;

    std::vector<double> ours, p50, p99, ratios, bare_rates;
    double bare_p99 = 0, cpu_us = 0;
    std::size_t count = static_cast<std::size_t>(warm_up.rate() * seconds * 2);
    for (std::size_t round = 0; round < rounds; ++round) {
        const auto requests = requests_from(next, count);
        const double cpu_before = cpu_seconds_of(pid);
        const LoadResult load = closed_loop(port, connections, requests, seconds);
        if (load.failed > 0) return std::fprintf(stderr, "%s\n", server.log().c_str()), 1;
        cpu_us = (cpu_seconds_of(pid) - cpu_before) /
                 static_cast<double>(load.latencies_ms.size()) * 1e6;
        count = std::max(count, static_cast<std::size_t>(load.rate() * seconds * 2));
        ours.push_back(load.rate());
        p50.push_back(percentile(load.latencies_ms, 0.5));
        p99.push_back(percentile(load.latencies_ms, 0.99));
        if (only_ours) continue;
        const BareBeast bare;
        std::vector<std::string> same = requests;  // enough of them for the faster side
        for (int i = 0; i < 3; ++i) same.insert(same.end(), requests.begin(), requests.end());
        const LoadResult alone = closed_loop(bare.port(), kConnections, same, seconds);
        bare_rates.push_back(alone.rate());
        bare_p99 = percentile(alone.latencies_ms, 0.99);
        ratios.push_back(load.rate() / alone.rate());
    }
    const double rate = median(ours);
    const double a_commit = webhooks_a_commit(server);
    if (only_ours)
        return std::printf(
                   "%.0f/s, %.1f us of the server each, p50 %.2f, p99 %.2f ms, %.1f a commit\n",
                   rate, cpu_us, median(p50), median(p99), a_commit),
               0;
    static_cast<void>(server.stop());
    const auto postgres = run_postgres(scratch.path() / "postgres", seconds * 2);

    Report report("webhook", options.text("json", ""));
    report.add({"signed webhook, 64 connections; raw: bare Beast answering 200",
                rate,
                "requests/s",
                rate / median(ratios),
                {Rule::ratio_at_least, kShareOfBare}});
    if (postgres)
        report.add({"the same; raw: PostgreSQL single-row inserts, 64 clients",
                    rate,
                    "requests/s",
                    postgres->rate,
                    {Rule::ratio_at_least, kTimesPostgres}});
    report.add({"p50 of a signed webhook", median(p50), "ms"});
    report.add({"p99 of a signed webhook; raw: bare Beast",
                median(p99),
                "ms",
                bare_p99,
                {Rule::value_at_most, kP99Ms}});
    report.add({"processor time of the server a webhook", cpu_us, "us"});
    report.add({"webhooks that share a commit", a_commit, ""});
    const Sealing sealing = time_sealing();
    report.add({"sealing the person's part; raw: the whole webhook",
                sealing.part_us,
                "us",
                cpu_us,
                {Rule::ratio_at_most, kSealingShare}});
    report.add({"compressing and sealing the raw body; raw: the whole webhook", sealing.raw_us,
                "us", cpu_us});
    return 0;
}

}  // namespace
}  // namespace decklog::bench

int main(int argc, char** argv) {
    return decklog::bench::run(
        {argc, argv, {"seconds", "rounds", "only", "connections", "dir", "json"}});
}
