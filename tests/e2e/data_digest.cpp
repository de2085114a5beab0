#include "tests/e2e/data_digest.hpp"

#include <sodium.h>

#include <future>

#include "api/app.hpp"
#include "api/config.hpp"
#include "store/backup/erasure_list.hpp"
#include "store/directory/backup_places.hpp"
#include "store/directory/server_file.hpp"
#include "store/frame/frame.hpp"
#include "store/log.hpp"
#include "store/verify/verify.hpp"

namespace decklog::e2e {
namespace {

constexpr std::chrono::seconds kFolding{20};

class Digest {
  public:
    Digest() { ::crypto_generichash_init(&state_, nullptr, 0, 16); }
    void add(const void* data, std::size_t size) {
        const std::uint64_t length = size;
        ::crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(&length),
                                    sizeof length);
        ::crypto_generichash_update(&state_, static_cast<const unsigned char*>(data), size);
    }
    void add(std::string_view text) { add(text.data(), text.size()); }
    [[nodiscard]] std::string text() {
        domain::Bytes16 hash{};
        ::crypto_generichash_final(&state_, hash.data(), hash.size());
        return domain::to_hex(hash);
    }

  private:
    crypto_generichash_state state_{};
};

/// Empty, or what is wrong.
std::string add_opened(const domain::Result<store::Opened>& opened, Digest& digest) {
    if (!opened) return opened.error().context;
    if (const auto* bytes = std::get_if<domain::Bytes>(&*opened)) {
        digest.add(bytes->data(), bytes->size());
    } else {
        digest.add("erased");
    }
    return {};
}

std::string add_raw(api::Core& core, const domain::RawRef& raw, Digest& digest) {
    const auto body = core.ledger->raw_body(raw);
    if (body) return add_opened(core.vault->open_raw(*body), digest);
    if (body.error().code != domain::ErrorCode::not_found) return body.error().context;
    digest.add("no raw body");
    return {};
}

std::string add_events(api::Core& core, Digest& digest) {
    std::string problem;
    const auto read = core.ledger->read({0, 0}, [&](const store::FramePtr& frame) {
        digest.add(frame->bytes().data(), frame->bytes().size());
        for (std::size_t i = 0; i < frame->event_count() && problem.empty(); ++i) {
            const domain::EventView event = frame->event(i);
            if (event.sealed_size() > 0) {
                problem = add_opened(core.vault->open({event.sealed_data(), event.sealed_size()}),
                                     digest);
            }
            if (const auto raw = event.raw(); raw && problem.empty())
                problem = add_raw(core, *raw, digest);
        }
        return problem.empty();
    });
    return read ? problem : read.error().context;
}

bool wait_for_views(api::Core& core) {
    const std::uint64_t next = core.ledger->head(0).next_ordinal;
    const auto reflected = std::make_shared<std::promise<bool>>();
    core.engine->when_reflected({}, {0, next - 1}, kFolding,
                                [reflected](bool well) { reflected->set_value(well); });
    return reflected->get_future().get();
}

std::string add_views(api::Core& core, Digest& digest) {
    if (!wait_for_views(core)) return "views/: they do not reach the end of the log";
    const std::uint64_t failures = core.engine->read_failures();
    for (const projections::ViewStatus& view : core.engine->status()) {
        const auto snapshot = core.engine->snapshot(view.name);
        if (!snapshot) return "views/: " + snapshot.error().context;
        digest.add(view.name);
        // A null view is no empty key to RocksDB.
        snapshot->rows->scan("", "", [&digest](std::string_view key, std::string_view value) {
            digest.add(key);
            digest.add(value);
            return true;
        });
    }
    if (core.engine->read_failures() != failures) return "views/: they cannot be read";
    for (const projections::ViewStatus& view : core.engine->status()) {
        if (!view.stopped.empty()) return "views/: " + view.stopped;
    }
    return {};
}

/// Where an erasure would be listed; as erasing sees it.
std::string add_places(const std::filesystem::path& data, Digest& digest) {
    const auto places = store::known_places(data);
    if (!places) return places.error().context;
    for (const auto& place : *places) {
        const auto listed = store::read_erasures(store::erasure_list_in(place));
        if (!listed) return "backups: " + listed.error().context;
        digest.add(place.string());
    }
    return {};
}

}  // namespace

std::string digest_of(const std::filesystem::path& data) {
    store::configure_logging("off", nullptr);
    static_cast<void>(store::read_server_file(data));
    api::Config config;
    config.data = data;
    auto app = api::App::open(config, std::chrono::milliseconds(0));
    if (!app) return "refused " + app.error().context;
    api::Core& core = (*app)->core();
    if (core.vault->missing()) return "refused vault/ is missing";
    const auto report = store::verify(*core.ledger, {});
    if (!report) return "refused " + report.error().context;
    if (!report->ok()) return "found ledger/: " + report->problem;
    Digest events, views;
    if (const std::string problem = add_events(core, events); !problem.empty())
        return "found " + problem;
    if (const std::string problem = add_views(core, views); !problem.empty())
        return "found " + problem;
    if (const std::string problem = add_places(data, events); !problem.empty())
        return "found " + problem;
    return "whole " + std::to_string(report->events) + " " +
           domain::to_hex(report->heads.front().chain) + " " + events.text() + " " + views.text();
}

}  // namespace decklog::e2e
