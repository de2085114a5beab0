// Sample traffic for `tools/dev run`: signed webhooks of four platforms and audit actions, through
// the real endpoints. Platform secrets come from the environment under the names that the server
// reads, the API token from a file.
#include <curl/curl.h>
#include <sodium.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tools/sample_traffic/platform_bodies.hpp"
#include "tools/sample_traffic/sender.hpp"

namespace {

using namespace decklog::sample;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// Sends the n-th item; five kinds take turns.
long send(Sender& sender, std::uint64_t n) {
    const std::int64_t now = now_us();
    const std::int64_t now_s = now / 1'000'000;
    switch (n % 5) {
        case 0:
            return sender.telegram(telegram_update(n, now_s));
        case 1:
            return sender.whatsapp(whatsapp_body(n, now_s));
        case 2:
            return sender.slack(slack_event(n, now_s), now_s);
        case 3:
            return sender.discord(discord_interaction(n, now_s), now_s);
        default:
            return sender.audit(audit_action(n, now));
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("sample traffic for a decklog on this machine", "sample_traffic");
    std::string url = "http://127.0.0.1:8080";
    std::string token_file;
    std::uint64_t count = 200;
    bool forever = false;
    bool print_key = false;
    app.add_option("--url", url, "the server")->capture_default_str();
    app.add_option("--token-file", token_file, "file with an API token that may append");
    app.add_option("--count", count, "items to send at once")->capture_default_str();
    app.add_flag("--forever", forever, "an item a second until stopped");
    app.add_flag("--print-discord-key", print_key,
                 "print the public key of SAMPLE_DISCORD_SEED and stop");
    CLI11_PARSE(app, argc, argv);
    if (sodium_init() < 0) return 1;
    Secrets secrets{variable("TELEGRAM_WEBHOOK_SECRET"),
                    variable("WHATSAPP_APP_SECRET"),
                    variable("SLACK_SIGNING_SECRET"),
                    variable("SAMPLE_DISCORD_SEED"),
                    {}};
    if (print_key) {
        std::printf("%s\n", discord_public_key(secrets.discord_seed).c_str());
        return 0;
    }
    std::ifstream(token_file) >> secrets.api_token;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    Sender sender(url, std::move(secrets));
    // Seconds since an epoch of our own, so that a later run sends new items and not repeats.
    const auto first = static_cast<std::uint64_t>(now_us() / 1'000'000 % 100'000'000) * 10;
    std::uint64_t refused = 0;
    for (std::uint64_t n = 0; forever || n < count; ++n) {
        const long status = send(sender, first + n);
        if (status < 200 || status > 299) {
            ++refused;
            std::fprintf(stderr, "sample_traffic: item %llu was answered %ld\n",
                         static_cast<unsigned long long>(n), status);
        }
        if (forever) std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    std::fprintf(stderr, "sample_traffic: %llu items sent, %llu refused\n",
                 static_cast<unsigned long long>(count), static_cast<unsigned long long>(refused));
    return refused == 0 ? 0 : 1;
}
