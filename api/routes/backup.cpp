// POST /api/admin/backup {dir, vaultFile?}: makes a backup of the running ledger on the server's
// own disks. NDJSON: progress in bytes, then the result.
#include <array>
#include <utility>

#include "api/answers.hpp"
#include "api/backup/backups.hpp"
#include "api/json_writer.hpp"
#include "api/queries/job_source.hpp"
#include "api/queries/progress.hpp"
#include "api/routes/keeping.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kBodyBytesMax = 16 * 1024;
constexpr std::size_t kPathBytesMax = 4096;
constexpr std::array<std::string_view, 2> kFields{"dir", "vaultFile"};

struct Wish {
    std::filesystem::path dir;
    std::optional<std::filesystem::path> vault_file;
};

domain::Decision<std::optional<std::filesystem::path>> path_member(JsonFields& fields,
                                                                   std::string_view name) {
    if (fields.find(name) == nullptr) return std::nullopt;
    const std::string text = fields.text_or_none(name);
    if (fields.refusal()) return tl::unexpected(*fields.refusal());
    if (text.empty() || text.front() != '/' || text.size() > kPathBytesMax ||
        text.find('\0') != std::string::npos || text.find('\n') != std::string::npos) {
        return domain::reject("invalid_path", "send an absolute path on the server's machine",
                              std::string(name), static_cast<std::int64_t>(kPathBytesMax));
    }
    return std::filesystem::path(text);
}

domain::Decision<Wish> read_wish(const Request& request) {
    auto fields = JsonFields::read_order(request.body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    auto dir = path_member(*fields, "dir");
    if (!dir) return tl::unexpected(dir.error());
    if (!*dir) return domain::reject("missing_field", "name the directory to make", "dir");
    auto vault_file = path_member(*fields, "vaultFile");
    if (!vault_file) return tl::unexpected(vault_file.error());
    return Wish{std::move(**dir), std::move(*vault_file)};
}

/// A ledger of one partition has one chain; of several, each has its own.
void write_chains(JsonWriter& json, const store::Manifest& manifest) {
    if (manifest.partitions.size() == 1) {
        json.field("chain", domain::to_hex(manifest.partitions.front().head.chain));
        return;
    }
    json.key("partitions").begin_array();
    for (const store::ManifestPartition& partition : manifest.partitions) {
        json.begin_object().key("partition").number(partition.partition);
        json.key("events").number(partition.head.next_ordinal);
        json.field("chain", domain::to_hex(partition.head.chain)).end_object();
    }
    json.end_array();
}

std::string result_line(const Core& core, const Wish& wish,
                        const domain::Result<store::BackupMade>& made) {
    JsonWriter json;
    json.begin_object().key("ok").boolean(made.has_value()).field("dir", wish.dir.string());
    if (!made) return json.field("problem", made.error().context).end_object().take() + "\n";
    const store::Manifest& manifest = made->manifest;
    json.field("ledgerId", domain::to_hex(manifest.ledger.bytes));
    json.field("createdAt", domain::to_rfc3339(manifest.created_at_us));
    json.key("events").number(manifest.events()).key("files").number(manifest.files.size());
    json.key("bytes").number(manifest.bytes());
    write_chains(json, manifest);
    if (made->vault) {
        json.field("vaultFile", wish.vault_file->string());
        json.key("vaultRows").number(made->vault->rows);
    }
    std::vector<std::uint64_t> heads;
    for (const store::ManifestPartition& partition : manifest.partitions)
        heads.push_back(partition.head.next_ordinal);
    write_as_of(json, core, heads);
    return json.end_object().take() + "\n";
}

void make(const Core& core, const Wish& wish, const PieceSink& sink) {
    Progress progress(sink);
    const auto made = core.backups->make(wish.dir, wish.vault_file,
                                         [&progress](std::uint64_t done, std::uint64_t total) {
                                             return progress.show(done, total);
                                         });
    // A wish that was refused or given up says nothing about the backups.
    const bool has_failed = !made && made.error().code != domain::ErrorCode::invalid_argument &&
                            made.error().code != domain::ErrorCode::locked &&
                            made.error().code != domain::ErrorCode::stopped;
    if (has_failed) core.backups->note_failure(made.error().context);
    static_cast<void>(sink(result_line(core, wish, made)));
}

void begin(const Core& core, const Wish& wish, const Reply& reply) {
    const auto checked = core.backups->check(wish.dir, wish.vault_file);
    if (!checked) return reply(answer_of(checked.error()));
    reply(ndjson_answer(
        job_source(core, [&core, wish](const PieceSink& sink) { make(core, wish, sink); })));
}

}  // namespace

Route backup_route(const Core& core) {
    Route route;
    route.method = Method::post;
    route.path = "/api/admin/backup";
    route.access = Access::admin;
    route.body_bytes_max = kBodyBytesMax;
    route.handle = [&core](const Request& request, const Reply& reply) {
        auto wish = read_wish(request);
        if (!wish) return reply(answer_of(wish.error()));
        if (auto refusal = refusal_while_disk_low(core)) return reply(std::move(*refusal));
        core.run_blocking([&core, wish = std::move(*wish), reply] { begin(core, wish, reply); });
    };
    return route;
}

}  // namespace decklog::api
