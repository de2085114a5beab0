#include "tools/decklog/output_record.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "store/json/json_string.hpp"

namespace decklog::cli {
namespace {

constexpr std::size_t kCharacterBytesMax = 4;

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// By the one rule there is for text in JSON.
std::string repaired(std::string_view text) {
    std::string literal;
    store::append_json_string(literal, text);
    return std::string(boost::json::parse(literal).as_string());
}

}  // namespace

std::string recordable(std::string_view text, std::size_t bytes_max) {
    std::string whole = repaired(text);
    if (whole.size() <= bytes_max) return whole;
    std::size_t end = bytes_max;
    while (end > 0 && continues_character(whole[end])) --end;
    whole.resize(end);
    return whole;
}

void OutputRecord::add(std::string_view text) {
    // A character more than is kept, so that none is cut in two where it ends.
    const std::size_t room = bytes_max_ + kCharacterBytesMax - kept_.size();
    kept_.append(text.substr(0, room));
    has_more_ = has_more_ || text.size() > room;
}

bool OutputRecord::is_cut() const { return has_more_ || repaired(kept_).size() > bytes_max_; }

}  // namespace decklog::cli
