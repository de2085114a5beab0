// Texts as small numbers, so that a packed entry costs a few bytes whatever it names. A number is
// given at the first mention in log order and never changes, so the rows depend on the log alone.
// Numbers begin at 1; 0 means none.
//
// Rows, beside those of the view that owns them: `w` book text -> number, `x` book number -> text,
// `y` book -> numbers given. A text may be one word or several in ordered bytes; the `w` rows of a
// book are therefore in the order of its texts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "projections/counting/text_numbers.hpp"
#include "projections/rows.hpp"

namespace decklog::projections::counting {

/// Which dictionary of a view; the view names them.
using Book = std::uint8_t;
inline constexpr std::size_t kBooksMax = 8;

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};
/// Found by a view of the text, without a copy. Its order is never written anywhere.
template <class Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

/// Reads what is there. As thread-safe as the rows.
class Words {
  public:
    explicit Words(const RowReader& rows) : rows_(rows) {}
    /// 0: never mentioned.
    [[nodiscard]] std::uint32_t number(Book book, std::string_view text) const;
    [[nodiscard]] std::string text(Book book, std::uint32_t number) const;
    [[nodiscard]] std::uint32_t given(Book book) const;
    /// In the order of texts, until the sink returns false.
    void each(Book book,
              const std::function<bool(std::string_view text, std::uint32_t number)>& sink) const;

  private:
    const RowReader& rows_;
};

/// Gives numbers during a fold, over all its batches: every text is read from the rows once, and
/// then again only after so many others that memory has to be let go. One thread.
class WordGiver {
  public:
    explicit WordGiver(const RowReader& rows) : words_(rows) {}
    [[nodiscard]] std::uint32_t number(Book book, std::string_view text);
    /// Writes the numbers given since the last time.
    void finish(RowWriter& rows);

  private:
    struct Shelf {
        TextNumbers known;
        std::optional<std::uint32_t> given;  // read at the first new text
        std::vector<std::string> fresh;      // in log order; the last one has the number `given`
    };

    static void write_fresh(Book book, Shelf& shelf, RowWriter& rows);

    Words words_;
    std::array<Shelf, kBooksMax> shelves_;
};

}  // namespace decklog::projections::counting
