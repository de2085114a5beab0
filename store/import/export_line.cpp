#include "store/import/export_line.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <iterator>

#include "domain/base64.hpp"
#include "domain/limits.hpp"
#include "store/json/json_sax.hpp"

namespace decklog::store {
namespace {

// An answer nests an event's details a few levels deeper than they came.
constexpr std::size_t kDepthMax = domain::limits::kJsonDepthMax + 8;

enum Field : std::uint8_t {
    export_,
    format,
    full,
    ledger,
    chain,
    events,
    position,
    event_id,
    frame,
    partitions
};
constexpr std::array<std::string_view, 10> kNames{"export", "format",    "full",     "ledger",
                                                  "chain",  "events",    "position", "eventId",
                                                  "frame",  "partitions"};
constexpr std::size_t kNoField = kNames.size();

/// Keeps the named members of the outermost object.
struct Members : JsonEvents {
    std::array<std::string, kNames.size()> texts;
    std::array<std::uint64_t, kNames.size()> numbers{};
    std::array<bool, kNames.size()> truths{};
    std::array<bool, kNames.size()> seen{};
    bool is_object = false;
    bool is_doubled = false;

    bool on_object_begin(Code&) { return enter(true); }
    bool on_object_end(std::size_t, Code&) { return leave(); }
    bool on_array_begin(Code&) { return enter(false); }
    bool on_array_end(std::size_t, Code&) { return leave(); }
    bool on_key_part(View part, std::size_t, Code&) {
        if (depth_ == 1) key_.append(part.data(), part.size());
        return true;
    }
    bool on_key(View part, std::size_t, Code&) {
        if (depth_ != 1) return true;
        key_.append(part.data(), part.size());
        field_ = static_cast<std::size_t>(
            std::distance(kNames.begin(), std::find(kNames.begin(), kNames.end(), key_)));
        key_.clear();
        if (field_ == kNoField) return true;
        is_doubled = is_doubled || seen[field_];
        seen[field_] = true;
        return true;
    }
    bool on_string_part(View part, std::size_t, Code&) { return text(part); }
    bool on_string(View part, std::size_t, Code&) { return text(part); }
    bool on_uint64(std::uint64_t number, View, Code&) {
        if (is_wanted()) numbers[field_] = number;
        return true;
    }
    bool on_int64(std::int64_t number, View, Code&) {
        if (is_wanted() && number >= 0) numbers[field_] = static_cast<std::uint64_t>(number);
        return true;
    }
    bool on_bool(bool truth, Code&) {
        if (is_wanted()) truths[field_] = truth;
        return true;
    }

  private:
    [[nodiscard]] bool is_wanted() const { return depth_ == 1 && field_ != kNoField; }
    bool text(View part) {
        if (is_wanted()) texts[field_].append(part.data(), part.size());
        return true;
    }
    bool enter(bool object) {
        if (depth_++ == 0) is_object = object;
        return true;
    }
    bool leave() {
        --depth_;
        return true;
    }
    std::size_t depth_ = 0;
    std::size_t field_ = kNoField;
    std::string key_;
};

template <std::size_t Size>
std::optional<std::array<std::uint8_t, Size>> from_hex(std::string_view hex) {
    std::array<std::uint8_t, Size> bytes{};
    if (hex.size() != 2 * Size) return std::nullopt;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        const char c = hex[i];
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) return std::nullopt;
        bytes[i / 2] = static_cast<std::uint8_t>(bytes[i / 2] * 16 + digit);
    }
    return bytes;
}

ExportLine::Kind kind_of(const Members& members) {
    using Kind = ExportLine::Kind;
    if (!members.is_object) return Kind::other;
    if (members.seen[export_]) {
        if (members.texts[export_] == "begin") return Kind::begin;
        if (members.texts[export_] == "end") return Kind::end;
        return members.texts[export_] == "failed" ? Kind::failed : Kind::other;
    }
    return members.seen[position] && members.seen[event_id] ? Kind::event : Kind::other;
}

/// `[{"partition", "events", "chain", …}]`, from 0 on; empty: anything else.
std::vector<ExportedPartition> listed_partitions(std::string_view line) {
    namespace json = boost::json;
    json::error_code error;
    const json::value value = json::parse(json::string_view(line.data(), line.size()), error);
    const auto* list =
        error || !value.is_object() ? nullptr : value.get_object().if_contains("partitions");
    if (list == nullptr || !list->is_array()) return {};
    std::vector<ExportedPartition> found;
    for (const json::value& item : list->get_array()) {
        const auto* one = item.if_object();
        const auto* number = one == nullptr ? nullptr : one->if_contains("partition");
        const auto* count = one == nullptr ? nullptr : one->if_contains("events");
        const auto* hash = one == nullptr ? nullptr : one->if_contains("chain");
        if (number == nullptr || count == nullptr || hash == nullptr || !hash->is_string())
            return {};
        json::error_code odd_number, odd_count;
        const auto partition = number->to_number<std::uint32_t>(odd_number);
        const auto its_events = count->to_number<std::uint64_t>(odd_count);
        const auto& text = hash->get_string();
        const auto its_chain = from_hex<32>({text.data(), text.size()});
        if (odd_number || odd_count || !its_chain || its_events == 0 || partition != found.size())
            return {};
        found.push_back({its_events, *its_chain});
    }
    return found;
}

std::vector<ExportedPartition> partitions_of(const Members& members, std::string_view text) {
    if (members.numbers[format] == kExportFormatOfSeveral) return listed_partitions(text);
    const auto only = from_hex<32>(members.texts[chain]);
    if (!only || members.numbers[events] == 0) return {};
    return {{members.numbers[events], *only}};
}

domain::Decision<FramePtr> frame_of(const std::string& text) {
    const auto bytes = domain::from_base64(text);
    if (!bytes) return domain::reject("invalid_frame", "frame: not base64", "frame");
    auto decoded = Frame::decode(*bytes);
    if (!decoded) return domain::reject("invalid_frame", decoded.error().context, "frame");
    return std::move(*decoded);
}

}  // namespace

domain::Decision<ExportLine> read_export_line(std::string_view text) {
    boost::json::basic_parser<Members> parser(json_options(kDepthMax));
    if (auto refused = parse_events(parser, text, kDepthMax))
        return tl::unexpected(std::move(*refused));
    Members& members = parser.handler();
    if (members.is_doubled) return domain::reject("duplicate_key", "a member stands there twice");
    ExportLine line;
    line.kind = kind_of(members);
    line.format = members.numbers[format];
    line.is_full = members.truths[full];
    if (const auto id = from_hex<16>(members.texts[ledger])) line.ledger = domain::LedgerId{*id};
    if (line.kind == ExportLine::Kind::begin) line.partitions = partitions_of(members, text);
    line.events = members.numbers[events];
    line.position = std::move(members.texts[position]);
    line.event_id = domain::event_id_from_text(members.texts[event_id]);
    if (line.kind != ExportLine::Kind::event || !members.seen[frame]) return line;
    auto decoded = frame_of(members.texts[frame]);
    if (!decoded) return tl::unexpected(std::move(decoded.error()));
    line.frame = std::move(*decoded);
    return line;
}

}  // namespace decklog::store
