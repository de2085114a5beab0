// Pages of `{items, next}` answers, item by item as the text that came, so that `--json` prints
// numbers and key order as the server wrote them.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "tools/decklog/command_line.hpp"

namespace decklog::cli {

struct AsOf {
    std::string position;  // empty: nothing yet
    std::string time;
};

/// Asks page after page until `limit` items (0: all) were given to `sink`. False when a page failed
/// (exit code set). `as_of`, when given, receives that of the last page.
bool for_each_item(Session& session, Backend& backend, Call call, std::size_t limit,
                   const std::function<void(std::string_view item)>& sink, AsOf* as_of = nullptr);

/// The same without a bound, for tables: with `--json` prints every item as it came, else gives
/// `sink` those that are objects.
bool for_each_row(Session& session, Backend& backend, Call call,
                  const std::function<void(const boost::json::object& row)>& sink,
                  AsOf* as_of = nullptr);

}  // namespace decklog::cli
