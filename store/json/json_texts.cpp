#include "store/json/json_texts.hpp"

#include <string>

#include "store/json/json_sax.hpp"

namespace decklog::store {
namespace {

struct Texts : JsonEvents {
    explicit Texts(const std::function<void(std::string_view)>& to) : sink(to) {}

    bool on_string_part(View part, std::size_t, Code&) { return keep(part); }
    bool on_string(View last, std::size_t, Code&) { return tell(last); }
    bool on_key_part(View part, std::size_t, Code&) { return keep(part); }
    bool on_key(View last, std::size_t, Code&) { return tell(last); }
    bool on_int64(std::int64_t value, View, Code&) { return number(std::to_string(value)); }
    bool on_uint64(std::uint64_t value, View, Code&) { return number(std::to_string(value)); }

  private:
    bool keep(View part) {
        text.append(part.data(), part.size());
        return true;
    }
    bool tell(View last) {
        if (text.empty()) {
            sink({last.data(), last.size()});
            return true;
        }
        text.append(last.data(), last.size());
        sink(text);
        text.clear();
        return true;
    }
    bool number(const std::string& digits) const {
        sink(digits);
        return true;
    }

    const std::function<void(std::string_view)>& sink;
    std::string text;  // the parts so far
};

}  // namespace

bool for_each_json_text(std::string_view json, std::size_t depth_max,
                        const std::function<void(std::string_view)>& sink) {
    boost::json::basic_parser<Texts> parser(json_options(depth_max), sink);
    return !parse_events(parser, json, depth_max);
}

}  // namespace decklog::store
