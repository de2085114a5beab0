// The short texts that people and programs hand in: cursors, times, subject ids, request targets,
// forwarded addresses, token texts. What parses prints, and what it prints parses to the same.
#include <string>

#include "api/auth/token_text.hpp"
#include "api/proxies.hpp"
#include "api/target.hpp"
#include "domain/cursor.hpp"
#include "domain/ids.hpp"
#include "domain/stream_name.hpp"
#include "domain/text.hpp"
#include "domain/time_text.hpp"
#include "tests/fuzz/fuzz_input.hpp"

using namespace decklog;

namespace {

void try_cursor(std::string_view text) {
    static const domain::LedgerId ledger{{0x7f, 0x3a, 0x9c, 0x01}};
    const domain::ParsedCursorList list = domain::parse_cursor_list(text, ledger);
    fuzz::require(list.positions.empty() == list.error.has_value(),
                  "a cursor is positions or an error");
    const domain::ParsedCursor one = domain::parse_cursor(text, ledger);
    fuzz::require(one.position.has_value() == (list.positions.size() == 1),
                  "a list of one is a position");
    if (list.error) return;
    const std::string printed = domain::to_cursor(ledger, list.positions);
    fuzz::require(domain::parse_cursor_list(printed, ledger).positions == list.positions,
                  "a cursor comes back");
}

void try_time(std::string_view text) {
    const auto time = domain::parse_rfc3339(text, "at");
    if (!time) return;
    const auto again = domain::parse_rfc3339(domain::to_rfc3339(*time), "at");
    fuzz::require(again.has_value() && *again == *time, "a time comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    try_cursor(text);
    try_time(text);
    if (const auto subject = domain::subject_from_text(text))
        fuzz::require(domain::subject_from_text(domain::to_text(*subject)) == subject,
                      "a subject id comes back");
    if (const auto target = api::parse_target(text)) static_cast<void>(target->path());
    static_cast<void>(api::TrustedProxies().client("127.0.0.1", text));
    if (auto proxies = api::TrustedProxies::parse({std::string(text)}))
        static_cast<void>(proxies->client("10.0.0.1", text));
    static_cast<void>(api::token_id_of(text));
    return 0;
}
