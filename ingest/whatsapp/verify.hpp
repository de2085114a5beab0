// WhatsApp signs the body with HMAC-SHA256 under the app secret; there is no timestamp. Meta
// documents that it signs the form with \uXXXX escapes while libraries hash the bytes as they came,
// so: the bytes as received first, the escaped form only if that fails. The GET handshake proves to
// Meta that this address is ours.
#pragma once

#include <span>
#include <string>

#include "ingest/adapter.hpp"

namespace decklog::ingest::whatsapp {

[[nodiscard]] Verification verify(const HookRequest& request,
                                  std::span<const std::string> app_secrets);

/// The body as Meta documents to sign it: every character beyond ASCII as \uXXXX in lower case
/// (pairs beyond the BMP).
[[nodiscard]] std::string escaped_form(std::string_view body);

/// 200 with the bare challenge, or 403.
[[nodiscard]] HookAnswer answer_handshake(const HookRequest& request, const Account& account);

}  // namespace decklog::ingest::whatsapp
