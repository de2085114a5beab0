#include "domain/stream_name.hpp"

#include <algorithm>
#include <array>

#include "domain/limits.hpp"

namespace decklog::domain {
namespace {

constexpr std::string_view kDigestMark = "h_";

std::string joined(std::string_view kind, std::span<const std::string_view> parts) {
    std::string name(kind);
    for (const std::string_view part : parts) name.append(1, '/').append(part);
    return name;
}

/// Each part after its length, so that no two lists of parts are one text.
std::string unambiguous(std::span<const std::string_view> parts) {
    std::string text;
    for (const std::string_view part : parts) {
        text.append(std::to_string(part.size())).append(1, ':').append(part);
    }
    return text;
}

/// Only the last part may hold slashes, only a single part may look like a digest.
bool reads_one_way(std::span<const std::string_view> parts) {
    return std::none_of(
               parts.begin(), parts.end() - 1,
               [](std::string_view part) { return part.find('/') != std::string_view::npos; }) &&
           !(parts.size() == 1 && parts.front().starts_with(kDigestMark));
}

}  // namespace

std::string stream_name(std::string_view kind, std::span<const std::string_view> parts,
                        const Digest& digest) {
    std::string name = joined(kind, parts);
    if (name.size() <= limits::kStreamNameBytesMax && reads_one_way(parts)) return name;
    return std::string(kind) + "/" + std::string(kDigestMark) + to_hex(digest(unambiguous(parts)));
}

std::string audit_stream(std::string_view entity_type, std::string_view entity_id,
                         const Digest& digest) {
    return stream_name("audit", std::array{entity_type, entity_id}, digest);
}

std::string external_stream(std::string_view source, const Digest& digest) {
    return stream_name("ext", std::array{source}, digest);
}

std::string token_stream(std::string_view token_id) { return "token/" + std::string(token_id); }

std::string message_stream(std::string_view message_id) {
    return "message/" + std::string(message_id);
}

std::string appointment_stream(std::string_view appointment_id) {
    return "appointment/" + std::string(appointment_id);
}

std::string account_stream(std::string_view account_id) {
    return "account/" + std::string(account_id);
}

std::string worker_stream(std::string_view worker) { return "worker/" + std::string(worker); }

}  // namespace decklog::domain
