// Bytes on disk an event, by kind: a small ledger of each, written through the real writer (chat
// through the real inbound path, raw bodies and all; then every type that the named mix has),
// closed, opened once more so that every row lies in a table file, and weighed. Against the bytes
// that the frame alone has.
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <set>

#include "domain/fact.hpp"
#include "domain/payload.hpp"
#include "domain/registry.hpp"
#include "ingest/inbound.hpp"
#include "store/frame/frame.hpp"
#include "tests/bench/mix.hpp"
#include "tests/bench/support/audit_traffic.hpp"
#include "tests/bench/support/bulk_ledger.hpp"
#include "tests/bench/support/options.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/support/report.hpp"
#include "tests/bench/support/scratch.hpp"
#include "tests/bench/support/whatsapp_traffic.hpp"

namespace decklog::bench {
namespace {

constexpr std::uint64_t kPeople = 2'000;

/// Writes `events` of one kind into an open ledger.
using Write = std::function<void(const OpenLedger&, std::uint64_t events)>;

void audit_clear(const OpenLedger& open, std::uint64_t events) {
    static_cast<void>(append_all(*open.ledger, 0, events, [](std::uint64_t number) {
        return audit_submission(number, store::system_clock().now_us());
    }));
}

/// With details of 200 bytes that have to be sealed.
void audit_sealed(const OpenLedger& open, std::uint64_t events) {
    fb::PersonalT personal;
    personal.details = R"({"note":"guest asked to move the showing, gate code changed again",)"
                       R"("who":"the guest of the top floor","until":"half past four","lang":"en",)"
                       R"("reason":"asked twice"})";
    const domain::Bytes plain = domain::encode_payload(personal);
    static_cast<void>(append_all(*open.ledger, 0, events, [&](std::uint64_t number) {
        const store::NativeSubject who{"conversation", "whatsapp",
                                       std::to_string(number % kPeople)};
        const auto subject = open.vault->subjects_for(std::span(&who, 1));
        domain::NewEvent event = audit_event(number, store::system_clock().now_us());
        event.subject = subject->front();
        event.sealed = *open.vault->seal(*event.subject, plain);
        store::Submission made = audit_submission(number, event.occurred_at_us);
        made.intent = domain::fact("record_audit_action", std::move(event));
        return made;
    }));
}

void chat_messages(const OpenLedger& open, std::uint64_t events) {
    constexpr std::uint64_t kInFlight = 1'000;
    constexpr const char* kSecret = "secret-of-the-benchmark";
    ingest::Inbound::Options options;
    ingest::Account account;
    account.platform = ingest::Platform::whatsapp;
    account.secrets = {kSecret};
    options.accounts = {account};
    options.ledger = open.ledger.get();
    options.vault = open.vault.get();
    const auto inbound = ingest::Inbound::create(std::move(options));
    std::mutex mutex;
    std::condition_variable answered;
    std::uint64_t waiting = 0;
    for (std::uint64_t number = 0; number < events; ++number) {
        const std::string body = whatsapp_body(number, kPeople);
        const std::string signature = whatsapp_signature(kSecret, body);
        ingest::HookRequest request;
        request.platform = ingest::Platform::whatsapp;
        request.header = [&](std::string_view name) -> std::string_view {
            return name == "x-hub-signature-256" ? signature : std::string_view();
        };
        request.query = [](std::string_view) { return std::nullopt; };
        request.body = body;
        std::unique_lock lock(mutex);
        answered.wait(lock, [&] { return waiting < kInFlight; });
        ++waiting;
        lock.unlock();
        inbound->receive(request, [&](const ingest::HookAnswer& answer) {
            if (answer.status != 200) std::abort();
            const std::lock_guard guard(mutex);
            --waiting;
            answered.notify_one();
        });
    }
    std::unique_lock lock(mutex);
    answered.wait(lock, [&] { return waiting == 0; });
}

/// Events of the named mix that are of this type.
Write of_the_mix(domain::EventType type) {
    return [type](const OpenLedger& open, std::uint64_t events) {
        Mix mix;
        static_cast<void>(append_all(*open.ledger, 0, events, [&](std::uint64_t) {
            domain::NewEvent event = mix.next();
            while (event.type != type) event = mix.next();
            store::Submission made;
            made.intent = domain::fact("record", std::move(event));
            return made;
        }));
    };
}

std::set<domain::EventType> types_of_the_mix() {
    constexpr int kEnough = 10'000;
    Mix mix;
    std::set<domain::EventType> types;
    for (int i = 0; i < kEnough; ++i) types.insert(mix.next().type);
    return types;
}

std::uint64_t table_bytes(const std::filesystem::path& directory) {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().extension() == ".sst") bytes += entry.file_size();
    return bytes;
}

void weigh(const std::string& kind, const Write& write, std::uint64_t events,
           const std::filesystem::path& root, Report& report) {
    double frame_bytes = 0;
    {
        const OpenLedger open = open_ledger(root);
        write(open, events);
        const auto frame = open.ledger->frame_at({0, open.ledger->head(0).next_ordinal - 1});
        if (frame) frame_bytes = static_cast<double>((*frame)->bytes().size());
    }
    static_cast<void>(open_ledger(root));  // what the log of writes held goes into tables
    report.add({kind + "; raw: its frame alone",
                static_cast<double>(table_bytes(root / "ledger")) / static_cast<double>(events),
                "bytes", frame_bytes});
}

int run(const Options& options) {
    const auto events = static_cast<std::uint64_t>(options.number("events", 100'000));
    const Scratch scratch(options.text("dir", "."), "disk");
    Report report("disk", options.text("json", ""));
    weigh("audit action, nothing sealed", audit_clear, events, scratch.path() / "clear", report);
    weigh("audit action, 200 bytes of details sealed", audit_sealed, events,
          scratch.path() / "sealed", report);
    weigh("chat message, text sealed, raw body kept", chat_messages, events,
          scratch.path() / "chat", report);
    for (const domain::EventType type : types_of_the_mix()) {
        const std::string name(domain::find_type(static_cast<std::uint32_t>(type))->name);
        weigh("of the mix: " + name, of_the_mix(type), events, scratch.path() / name, report);
    }
    return 0;
}

}  // namespace
}  // namespace decklog::bench

int main(int argc, char** argv) {
    return decklog::bench::run({argc, argv, {"events", "dir", "json"}});
}
