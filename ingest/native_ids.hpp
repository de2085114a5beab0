// What in a webhook's body may be somebody's native id, whatever the body is about: also calls,
// quotes, lists and kinds that no adapter understands. For whoever looks for the kept bodies that
// name a person (store/erasure.hpp). Pure, any thread.
#pragma once

#include <functional>
#include <string_view>

namespace decklog::ingest {

/// Tells every JSON string, key and whole number, those in a form and in JSON inside a string too;
/// on WhatsApp also the numbers that stand, in base64, inside the ids of messages and groups. The
/// views hold during the call.
void for_each_id(std::string_view platform, std::string_view body,
                 const std::function<void(std::string_view)>& sink);

}  // namespace decklog::ingest
