// One CloudEvent 1.0 on its way in. The three HTTP modes (binary, structured, batch) become the
// same attributes and data, so that an event is the same event whichever way it comes again.
// Attributes that the contract names are checked and fill the envelope; other extensions are
// welcome and not kept. Data is JSON and is sealed whole as the text that came, except that of the
// record types, which are facts by their own fields. Pure but for keyed hashes; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "api/http.hpp"
#include "api/writes/write.hpp"

namespace decklog::api {

/// Attributes by their CloudEvents name (`specversion`, `id`, `conversationid`, …) and data as JSON
/// text, empty when none.
struct CloudEvent {
    std::map<std::string, std::string, std::less<>> attributes;
    std::string data;
};

/// From `ce-*` headers, percent-decoded, and the body. Rejections: invalid_attribute, invalid_json,
/// event_too_large.
[[nodiscard]] domain::Decision<CloudEvent> binary_cloud_event(const Request& request);
/// From one JSON object. Rejections also: data_base64_unsupported, unsupported_media_type
/// (datacontenttype).
[[nodiscard]] domain::Decision<CloudEvent> structured_cloud_event(std::string_view text);

/// Checks the attributes and turns the event into a write. Rejections: missing_field, invalid_id,
/// unsupported_specversion, reserved_type, reserved_stream, stream_name, invalid_expected_version,
/// those of times, cohorts, accounts and records.
[[nodiscard]] CheckedWrite cloud_event_write(const CloudEvent& event, const WriteContext& context);

/// Command source of the keys: CloudEvents `source` and `id`.
inline constexpr std::string_view kEventsSource = "api/events";

}  // namespace decklog::api
