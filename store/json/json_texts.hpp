// What stands in a JSON text, without its shape: for whoever looks for a word that may be anywhere
// in it. Pure, any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace decklog::store {

/// Every key, string (escapes resolved) and whole number, in the text's order, doubled keys too.
/// The views hold during the call. False: it is not JSON, or too deep; what came before was told.
bool for_each_json_text(std::string_view json, std::size_t depth_max,
                        const std::function<void(std::string_view)>& sink);

}  // namespace decklog::store
