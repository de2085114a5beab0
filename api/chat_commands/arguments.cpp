#include "api/chat_commands/arguments.hpp"

#include <algorithm>
#include <utility>

namespace decklog::api::chat {
namespace {

std::string options_text(std::span<const std::string_view> options) {
    if (options.empty()) return "this command takes no options";
    std::string text = "this command takes ";
    for (std::size_t i = 0; i < options.size(); ++i)
        text.append(i == 0 ? "" : " and ").append(options[i]);
    return text;
}

}  // namespace

domain::Decision<Arguments> Arguments::read(std::span<const std::string> words,
                                            std::span<const std::string_view> options) {
    Arguments read;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!word.starts_with("--")) {
            read.places_.push_back(word);
            continue;
        }
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        if (std::find(options.begin(), options.end(), name) == options.end())
            return domain::reject("unknown_option", options_text(options));
        const bool is_next = equals == std::string::npos;
        if (is_next && i + 1 == words.size())
            return domain::reject("missing_option", "write a value behind it", name);
        std::string value = is_next ? words[++i] : word.substr(equals + 1);
        if (!read.options_.emplace(name, std::move(value)).second)
            return domain::reject("unknown_option", "write it once", name);
    }
    return read;
}

const std::string* Arguments::option(std::string_view name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? nullptr : &found->second;
}

}  // namespace decklog::api::chat
