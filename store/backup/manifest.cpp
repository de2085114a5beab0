#include "store/backup/manifest.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/json.hpp>
#include <numeric>

#include "domain/time_text.hpp"
#include "store/directory/private_files.hpp"

namespace decklog::store {
namespace {

using domain::ErrorCode;
namespace json = boost::json;

constexpr std::size_t kManifestBytesMax = 256U << 20U;
constexpr std::string_view kSumHead = ",\"sum\":\"";
constexpr std::string_view kSumTail = "\"}\n";
constexpr std::size_t kHexBytes = 64;

tl::unexpected<domain::Error> corrupt(const std::string& what) {
    return domain::fail(ErrorCode::corrupt, std::string(kManifestName) + ": " + what);
}

std::string sum_of(std::string_view text) {
    domain::Bytes32 hash{};
    ::crypto_generichash(hash.data(), hash.size(),
                         reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr,
                         0);
    return domain::to_hex(hash);
}

json::object object_of(const ManifestPartition& partition) {
    const std::uint64_t events = partition.head.next_ordinal;
    return {{"partition", partition.partition},
            {"events", events},
            {"position", std::to_string(partition.partition) + ":" +
                             std::to_string(events == 0 ? 0 : events - 1)},
            {"recordedAt", domain::to_rfc3339(partition.head.recorded_at_us)},
            {"chain", domain::to_hex(partition.head.chain)}};
}

json::object object_of(const ManifestFile& file) {
    return {{"name", file.name},
            {"bytes", file.sum.bytes},
            {"blake2b256", domain::to_hex(file.sum.hash)}};
}

/// Members of one object; the first that is missing or odd is remembered by name.
class Members {
  public:
    explicit Members(const json::value& value) : object_(value.if_object()) {
        if (object_ == nullptr) odd_ = "an object";
    }
    [[nodiscard]] const json::value* find(std::string_view name) {
        const json::value* value =
            object_ == nullptr ? nullptr : object_->if_contains({name.data(), name.size()});
        if (value == nullptr) note(name);
        return value;
    }
    [[nodiscard]] std::string text(std::string_view name) {
        const json::value* value = find(name);
        if (value != nullptr && value->is_string()) return std::string(value->get_string());
        note(name);
        return {};
    }
    [[nodiscard]] std::uint64_t number(std::string_view name) {
        const json::value* value = find(name);
        json::error_code error;
        const auto number = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
        if (error) note(name);
        return number;
    }
    [[nodiscard]] bool flag(std::string_view name) {
        const json::value* value = find(name);
        if (value != nullptr && value->is_bool()) return value->get_bool();
        note(name);
        return false;
    }
    [[nodiscard]] std::int64_t time(std::string_view name) {
        const auto time = domain::parse_rfc3339(text(name), name);
        if (!time) note(name);
        return time.value_or(0);
    }
    [[nodiscard]] domain::Bytes32 hash(std::string_view name) {
        const std::string hex = text(name);
        domain::Bytes32 hash{};
        const auto low = domain::bytes16_from_hex(std::string_view(hex).substr(0, 32));
        const auto high = hex.size() == kHexBytes
                              ? domain::bytes16_from_hex(std::string_view(hex).substr(32))
                              : std::nullopt;
        if (!low || !high) {
            note(name);
            return hash;
        }
        std::copy(low->begin(), low->end(), hash.begin());
        std::copy(high->begin(), high->end(), hash.begin() + 16);
        return hash;
    }
    [[nodiscard]] json::array list(std::string_view name) {
        const json::value* value = find(name);
        if (value != nullptr && value->is_array()) return value->get_array();
        note(name);
        return {};
    }
    void note(std::string_view name) {
        if (odd_.empty()) odd_ = name;
    }
    [[nodiscard]] const std::string& odd() const { return odd_; }

  private:
    const json::object* object_;
    std::string odd_;
};

domain::Result<void> take_partitions(const json::array& list, Manifest& manifest) {
    for (const json::value& value : list) {
        Members members(value);
        ManifestPartition partition;
        partition.partition = static_cast<std::uint32_t>(members.number("partition"));
        partition.head.next_ordinal = members.number("events");
        partition.head.recorded_at_us = members.time("recordedAt");
        partition.head.chain = members.hash("chain");
        if (!members.odd().empty()) return corrupt("partitions: odd " + members.odd());
        if (partition.partition != manifest.partitions.size())
            return corrupt("partitions: not in order");
        manifest.partitions.push_back(partition);
    }
    if (manifest.partitions.empty()) return corrupt("partitions: none");
    return {};
}

domain::Result<void> take_files(const json::array& list, Manifest& manifest) {
    for (const json::value& value : list) {
        Members members(value);
        ManifestFile file;
        file.name = members.text("name");
        file.sum.bytes = members.number("bytes");
        file.sum.hash = members.hash("blake2b256");
        if (!members.odd().empty()) return corrupt("files: odd " + members.odd());
        if (!is_plain_name(file.name) || file.name == kManifestName)
            return corrupt("files: a name that no backup has");
        const bool in_order = manifest.files.empty() || manifest.files.back().name < file.name;
        if (!in_order) return corrupt("files: not in order");
        manifest.files.push_back(std::move(file));
    }
    return {};
}

}  // namespace

std::uint64_t Manifest::bytes() const {
    return std::accumulate(
        files.begin(), files.end(), std::uint64_t{0},
        [](std::uint64_t sum, const ManifestFile& file) { return sum + file.sum.bytes; });
}

std::uint64_t Manifest::events() const {
    return std::accumulate(partitions.begin(), partitions.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const ManifestPartition& partition) {
                               return sum + partition.head.next_ordinal;
                           });
}

std::string to_text(const Manifest& manifest) {
    json::array partitions, files;
    for (const ManifestPartition& partition : manifest.partitions)
        partitions.push_back(object_of(partition));
    for (const ManifestFile& file : manifest.files) files.push_back(object_of(file));
    const json::object object{{"format", kBackupFormat},
                              {"release", manifest.release},
                              {"ledgerId", domain::to_hex(manifest.ledger.bytes)},
                              {"createdAt", domain::to_rfc3339(manifest.created_at_us)},
                              {"vault", manifest.has_vault},
                              {"partitions", std::move(partitions)},
                              {"files", std::move(files)}};
    std::string text = json::serialize(object);
    text.pop_back();  // the brace: the sum comes last
    const std::string sum = sum_of(text);
    return text.append(kSumHead).append(sum).append(kSumTail);
}

domain::Result<Manifest> parse_manifest(std::string_view text) {
    constexpr std::size_t kTail = kSumHead.size() + kHexBytes + kSumTail.size();
    if (text.size() <= kTail) return corrupt("cut off");
    const std::string_view summed = text.substr(0, text.size() - kTail);
    const std::string tail = std::string(kSumHead).append(sum_of(summed)).append(kSumTail);
    if (text.substr(summed.size()) != tail) return corrupt("its own sum differs");
    json::error_code error;
    const json::value value = json::parse({text.data(), text.size()}, error);
    if (error) return corrupt("not JSON");
    Members members(value);
    const std::uint64_t format = members.number("format");
    if (members.odd().empty() && format != static_cast<std::uint64_t>(kBackupFormat)) {
        return domain::fail(ErrorCode::other_format,
                            std::string(kManifestName) + ": format " + std::to_string(format) +
                                ", this release knows only 1; it was written by " +
                                members.text("release"));
    }
    Manifest manifest;
    manifest.release = members.text("release");
    const auto ledger = domain::bytes16_from_hex(members.text("ledgerId"));
    if (!ledger) members.note("ledgerId");
    manifest.ledger.bytes = ledger.value_or(domain::Bytes16{});
    manifest.created_at_us = members.time("createdAt");
    manifest.has_vault = members.flag("vault");
    const json::array partitions = members.list("partitions");
    const json::array files = members.list("files");
    if (!members.odd().empty()) return corrupt("odd " + members.odd());
    if (auto taken = take_partitions(partitions, manifest); !taken)
        return tl::unexpected(std::move(taken).error());
    if (auto taken = take_files(files, manifest); !taken)
        return tl::unexpected(std::move(taken).error());
    return manifest;
}

domain::Result<Manifest> read_manifest(const std::filesystem::path& backup) {
    const std::filesystem::path file = backup / kManifestName;
    std::error_code absent;
    const std::uintmax_t size = std::filesystem::file_size(file, absent);
    if (absent) {
        return domain::fail(ErrorCode::not_found,
                            backup.string() +
                                " holds no manifest.json: it is no backup, or one "
                                "that was never finished");
    }
    if (size > kManifestBytesMax) return corrupt("larger than 256 MiB");
    const auto text = read_small_file(file, static_cast<std::size_t>(size));
    if (!text) return tl::unexpected(text.error());
    return parse_manifest(*text);
}

}  // namespace decklog::store
