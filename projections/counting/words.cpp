#include "projections/counting/words.hpp"

#include "domain/check.hpp"
#include "projections/counting/ordered_bytes.hpp"

namespace decklog::projections::counting {
namespace {

constexpr char kByText = 'w';
constexpr char kByNumber = 'x';
constexpr char kGiven = 'y';

constexpr std::size_t kKnownTextsMax = 262'144;  // of one book, between batches

std::string key_of(char tag, Book book, std::string_view rest = {}) {
    std::string key{tag, static_cast<char>(book)};
    key.append(rest);
    return key;
}

std::string number_bytes(std::uint32_t number) {
    std::string bytes;
    put_ordered(bytes, number);
    return bytes;
}

std::uint32_t number_in(std::string_view row) {
    return static_cast<std::uint32_t>(take_ordered(row));
}

}  // namespace

std::uint32_t Words::number(Book book, std::string_view text) const {
    const auto row = rows_.get(key_of(kByText, book, text));
    return row ? number_in(*row) : 0;
}

std::string Words::text(Book book, std::uint32_t number) const {
    return rows_.get(key_of(kByNumber, book, number_bytes(number))).value_or(std::string());
}

std::uint32_t Words::given(Book book) const {
    const auto row = rows_.get(key_of(kGiven, book));
    return row ? number_in(*row) : 0;
}

void Words::each(Book book,
                 const std::function<bool(std::string_view, std::uint32_t)>& sink) const {
    const std::string begin = key_of(kByText, book);
    rows_.scan(begin, end_of_prefix(begin), [&](std::string_view key, std::string_view value) {
        return sink(key.substr(begin.size()), number_in(value));
    });
}

std::uint32_t WordGiver::number(Book book, std::string_view text) {
    DECKLOG_CHECK(book < kBooksMax);
    Shelf& shelf = shelves_[book];
    if (const std::uint32_t known = shelf.known.find(text); known != 0) return known;
    std::uint32_t number = words_.number(book, text);
    if (number == 0) {
        if (!shelf.given) shelf.given = words_.given(book);
        number = ++*shelf.given;
        shelf.fresh.emplace_back(text);
    }
    shelf.known.insert(text, number);
    return number;
}

void WordGiver::finish(RowWriter& rows) {
    for (std::size_t i = 0; i < kBooksMax; ++i) {
        Shelf& shelf = shelves_[i];
        if (!shelf.fresh.empty()) write_fresh(static_cast<Book>(i), shelf, rows);
        if (shelf.known.size() > kKnownTextsMax) shelf.known.clear();
    }
}

void WordGiver::write_fresh(Book book, Shelf& shelf, RowWriter& rows) {
    auto number = *shelf.given - static_cast<std::uint32_t>(shelf.fresh.size());
    for (const std::string& text : shelf.fresh) {
        const std::string bytes = number_bytes(++number);
        rows.put(key_of(kByText, book, text), bytes);
        rows.put(key_of(kByNumber, book, bytes), text);
    }
    rows.put(key_of(kGiven, book), number_bytes(number));
    shelf.fresh.clear();
}

}  // namespace decklog::projections::counting
