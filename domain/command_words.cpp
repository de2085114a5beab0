#include "domain/command_words.hpp"

#include <utility>

#include "domain/rollout/limits.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kEscapedInQuotes = "\\\"$`\n";

class Splitter {
  public:
    explicit Splitter(std::string_view text) : text_(text) {}

    [[nodiscard]] Decision<std::vector<std::string>> split() {
        for (; at_ < text_.size(); ++at_) take(text_[at_]);
        if (quote_ != '\0' || is_escaped_)
            return reject("unbalanced_quote", "a quote or a backslash has no end");
        end_word();
        return std::move(words_);
    }

  private:
    void take(char c) {
        if (std::exchange(is_escaped_, false)) return add(c);
        if (quote_ == '\'') return c == quote_ ? void(quote_ = '\0') : add(c);
        if (c == '\\' && escapes_next()) return void(is_escaped_ = true);
        if (quote_ == '"') return c == quote_ ? void(quote_ = '\0') : add(c);
        if (c == '\'' || c == '"') {
            quote_ = c;
            is_word_ = true;  // '' is a word
            return;
        }
        kBlanks.find(c) == std::string_view::npos ? add(c) : end_word();
    }
    [[nodiscard]] bool escapes_next() const {
        if (quote_ == '\0' || at_ + 1 == text_.size()) return true;
        return kEscapedInQuotes.find(text_[at_ + 1]) != std::string_view::npos;
    }
    void add(char c) {
        word_ += c;
        is_word_ = true;
    }
    void end_word() {
        if (std::exchange(is_word_, false)) words_.push_back(std::exchange(word_, {}));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    char quote_ = '\0';
    bool is_escaped_ = false;
    bool is_word_ = false;
    std::string word_;
    std::vector<std::string> words_;
};

}  // namespace

Decision<std::vector<std::string>> split_words(std::string_view text) {
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos)
        return reject("not_utf8", "a command is text in UTF-8");
    auto words = Splitter(text).split();
    if (!words) return words;
    if (words->empty() || words->front().empty())
        return reject("no_command", "there is no command in it");
    if (words->size() > limits::kCommandWordsMax) {
        return reject("too_many_words", "a command is at most 100 words", {},
                      limits::kCommandWordsMax);
    }
    for (const std::string& word : *words) {
        if (word.size() > limits::kCommandWordBytesMax) {
            return reject("word_too_long", "a word is at most 4096 bytes", {},
                          limits::kCommandWordBytesMax);
        }
    }
    return words;
}

}  // namespace decklog::domain
