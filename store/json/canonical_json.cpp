// Writes the canonical text while the parser reads. An object's members are written as they come
// and put in order when the object ends, by moving their pieces of text: there is no tree, and
// sorted input costs no move at all.
#include "store/json/canonical_json.hpp"

#include <algorithm>
#include <utility>

#include "store/json/json_sax.hpp"
#include "store/json/json_string.hpp"

namespace decklog::store {
namespace {

constexpr std::size_t kFieldBytesMax = 128;

struct Member {
    std::string key;
    std::size_t begin = 0;  // of `"key":value` in the output
    std::size_t end = 0;
};

bool by_key(const Member& a, const Member& b) { return a.key < b.key; }
bool same_key(const Member& a, const Member& b) { return a.key == b.key; }

struct Container {
    bool is_object = false;
    std::size_t items = 0;
    std::vector<Member> members{};
};

class CanonicalWriter : public JsonEvents {
  public:
    bool on_array_begin(Code&) { return open(false); }
    bool on_array_end(std::size_t, Code&) { return close(']'); }
    bool on_object_begin(Code&) { return open(true); }
    bool on_object_end(std::size_t, Code& error) {
        if (!sort_members()) {
            error = make_error_code(boost::system::errc::invalid_argument);
            return false;
        }
        return close('}');
    }
    bool on_string_part(View part, std::size_t, Code&) { return gather(part); }
    bool on_string(View part, std::size_t, Code&) {
        gather(part);
        begin_value();
        append_json_string(out_, text_);
        return end_value();
    }
    bool on_key_part(View part, std::size_t, Code&) { return gather(part); }
    bool on_key(View part, std::size_t, Code&) {
        gather(part);
        begin_member();
        return true;
    }
    bool on_number_part(View part, Code&) { return gather(part); }
    bool on_int64(std::int64_t, View part, Code&) { return number(part); }
    bool on_uint64(std::uint64_t, View part, Code&) { return number(part); }
    bool on_double(double, View part, Code&) { return number(part); }
    bool on_bool(bool value, Code&) { return scalar(value ? "true" : "false"); }
    bool on_null(Code&) { return scalar("null"); }

    [[nodiscard]] std::string take() { return std::move(out_); }
    [[nodiscard]] const std::optional<std::string>& duplicate() const { return duplicate_; }

  private:
    bool gather(View part) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool number(View part) {
        gather(part);
        return scalar(text_);
    }
    bool scalar(std::string_view token) {
        begin_value();
        out_ += token;
        return end_value();
    }
    bool open(bool is_object) {
        begin_value();
        out_ += is_object ? '{' : '[';
        open_.push_back(Container{is_object});
        return true;
    }
    bool close(char bracket) {
        out_ += bracket;
        open_.pop_back();
        return end_value();
    }
    void begin_value() {
        if (open_.empty() || open_.back().is_object) return;
        if (open_.back().items++ > 0) out_ += ',';
    }
    bool end_value() {
        text_.clear();
        if (!open_.empty() && open_.back().is_object) open_.back().members.back().end = out_.size();
        return true;
    }
    void begin_member() {
        auto& members = open_.back().members;
        if (!members.empty()) out_ += ',';
        members.push_back(Member{text_, out_.size(), 0});
        append_json_string(out_, text_);
        out_ += ':';
        text_.clear();
    }

    /// False: two members have one key.
    bool sort_members() {
        auto& members = open_.back().members;
        const bool sorted = std::is_sorted(members.begin(), members.end(), by_key);
        const std::size_t begin = members.empty() ? out_.size() : members.front().begin;
        if (!sorted) std::sort(members.begin(), members.end(), by_key);
        if (const auto twin = std::adjacent_find(members.begin(), members.end(), same_key);
            twin != members.end()) {
            duplicate_ = path_of(twin->key);
            return false;
        }
        if (!sorted) rewrite_from(begin, members);
        return true;
    }
    void rewrite_from(std::size_t begin, const std::vector<Member>& members) {
        const std::string written = out_.substr(begin);
        out_.resize(begin);
        for (const Member& member : members) {
            if (out_.size() > begin) out_ += ',';
            out_.append(written, member.begin - begin, member.end - member.begin);
        }
    }

    /// Dotted path of a key of the innermost object, cut to a length fit for an answer.
    [[nodiscard]] std::string path_of(const std::string& key) const {
        std::string path;
        for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
            const Container& outer = open_[i];
            path += outer.is_object ? outer.members.back().key : std::to_string(outer.items - 1);
            path += '.';
        }
        path += key;
        if (path.size() <= kFieldBytesMax) return path;
        std::size_t cut = kFieldBytesMax;
        while (cut > 0 && (static_cast<unsigned char>(path[cut]) & 0xC0U) == 0x80U) --cut;
        return path.substr(0, cut) + "…";
    }

    std::string out_;
    std::string text_;  // of the token being read; its parts come one by one
    std::vector<Container> open_;
    std::optional<std::string> duplicate_;
};

}  // namespace

domain::Decision<std::string> canonical_json(std::string_view text, std::size_t depth_max) {
    boost::json::basic_parser<CanonicalWriter> parser(json_options(depth_max));
    auto refusal = parse_events(parser, text, depth_max);
    if (const auto& duplicate = parser.handler().duplicate()) {
        return domain::reject("duplicate_key", "name each key of an object once", *duplicate);
    }
    if (refusal) return tl::unexpected(std::move(*refusal));
    return parser.handler().take();
}

}  // namespace decklog::store
