#include "tests/ingest/personal_words.hpp"

#include <openssl/evp.h>

#include <boost/json.hpp>
#include <string_view>

#include "tests/ingest/fixtures.hpp"

namespace decklog::ingest::fixtures {
namespace {

void collect(const boost::json::value& value, std::string_view key,
             std::set<std::string>& secrets) {
    static const std::set<std::string_view> kPersonal{
        "text",        "caption",       "body",         "first_name", "last_name", "username",
        "title",       "name",          "wa_id",        "from",       "content",   "phone_number",
        "global_name", "nick",          "custom_id",    "user_name",  "emoji",     "question",
        "data",        "token",         "response_url", "trigger_id", "value",     "user",
        "user_id",     "formatted_name"};
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) collect(member.value(), member.key(), secrets);
    } else if (const auto* array = value.if_array()) {
        for (const auto& element : *array) collect(element, key, secrets);
    } else if (const auto* text = value.if_string()) {
        if (kPersonal.contains(key) && text->size() >= 6) secrets.insert(std::string(*text));
    }
}

std::string base64(const std::string& text) {
    std::string out(4 * ((text.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

}  // namespace

std::set<std::string> personal_words() {
    std::set<std::string> words{"16505551234", "16505551235", "12195555358", "19835552319",
                                "15550783881", "16503879435", "19835551974", "14205550749",
                                "18055550172", "222222222"};
    for (const Fixture& fixture : all()) {
        if (fixture.content_type == "application/json")
            collect(boost::json::parse(fixture.body), "", words);
    }
    for (const char* word :
         {"channel", "message", "interactive", "button", "unsupported", "location", "contacts",
          "sticker", "reaction", "private", "supergroup", "member", "discord", "prefix"}) {
        words.erase(word);  // words of our own tables, and of the options that RocksDB writes down
    }
    // Hex ids of ours hold six given digits by chance, once in some hundred runs.
    constexpr std::size_t kChanceBytesMax = 8;
    std::erase_if(words, [](const std::string& word) {
        return word.size() <= kChanceBytesMax &&
               word.find_first_not_of("0123456789abcdef") == std::string::npos;
    });
    return words;
}

std::vector<std::string> base64_forms(const std::string& text) {
    std::vector<std::string> forms;
    for (std::size_t shift = 0; shift < 3; ++shift) {
        const std::string whole = base64(std::string(shift, 'x') + text);
        const std::size_t begin = shift == 0 ? 0 : 4;
        const std::size_t stable = (shift + text.size()) / 3 * 4;
        if (stable > begin + 7) forms.push_back(whole.substr(begin, stable - begin));
    }
    return forms;
}

}  // namespace decklog::ingest::fixtures
