#include "ingest/native_ids.hpp"

#include <algorithm>
#include <string>

#include "domain/base64.hpp"
#include "domain/limits.hpp"
#include "ingest/form.hpp"
#include "ingest/platform_traits.hpp"
#include "store/json/json_texts.hpp"

namespace decklog::ingest {
namespace {

using Sink = std::function<void(std::string_view)>;

constexpr int kJsonInTextMax = 2;               // a form's payload, and a string in it
constexpr std::size_t kNumberDigitsMin = 6;     // fewer inside an id are chance
constexpr std::size_t kEncodedBytesMin = 8;     // base64 of a number
constexpr std::size_t kEncodedBytesMax = 1024;  // ids are short; media is not looked into

bool is_digit(std::uint8_t byte) { return byte >= '0' && byte <= '9'; }

/// `wamid.HBgN…` and ids of groups hold a phone number as its digits.
void numbers_inside(std::string_view id, const Sink& sink) {
    id = id.substr(id.find('.') + 1);  // npos + 1 is the whole
    if (id.size() < kEncodedBytesMin || id.size() > kEncodedBytesMax) return;
    // With zero bits instead of padding every spelling decodes; what they add is no digit.
    std::string whole(id.substr(0, id.find_last_not_of('=') + 1));
    whole.append((4 - whole.size() % 4) % 4, 'A');
    const auto bytes = domain::from_base64(whole);
    if (!bytes) return;
    for (auto at = bytes->begin(); at != bytes->end();) {
        at = std::find_if(at, bytes->end(), is_digit);
        const auto end = std::find_if_not(at, bytes->end(), is_digit);
        if (static_cast<std::size_t>(end - at) >= kNumberDigitsMin) sink(std::string(at, end));
        at = end;
    }
}

class Teller {
  public:
    Teller(std::string_view platform, const Sink& sink) : sink_(sink) {
        const auto known = platform_from_text(platform);
        has_numbers_inside_ = known && traits_of(*known).message_id_names_person;
    }

    bool tell_json(std::string_view json, int depth) const {
        return store::for_each_json_text(
            json, domain::limits::kJsonDepthMax,
            [this, depth](std::string_view text) { tell(text, depth); });
    }
    void tell(std::string_view text, int depth) const {
        sink_(text);
        if (has_numbers_inside_) numbers_inside(text, sink_);
        const bool may_be_json = text.starts_with('{') || text.starts_with('[');
        if (may_be_json && depth < kJsonInTextMax) static_cast<void>(tell_json(text, depth + 1));
    }

  private:
    const Sink& sink_;
    bool has_numbers_inside_ = false;
};

}  // namespace

void for_each_id(std::string_view platform, std::string_view body, const Sink& sink) {
    const Teller teller(platform, sink);
    if (teller.tell_json(body, 0)) return;
    const auto form = parse_form(body);
    if (!form) return;
    for (const FormField& field : *form) teller.tell(field.value, 0);
}

}  // namespace decklog::ingest
