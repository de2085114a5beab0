// One write of the API between its checks and the ledger: the event as it will stand, what of it is
// still to be sealed, and under which key it may come again. Doors (audit_action, cloud_event) make
// writes, submitting.hpp files them. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/event.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"
#include "store/vault/vault.hpp"

namespace decklog::api {

/// What is sealed, and with whose key.
struct Sealing {
    store::NativeSubject subject;
    fb::PersonalT personal;
};

struct Write {
    std::string command;     // record_audit_action, record_external_event, …
    domain::NewEvent event;  // payload encoded, sealed part and subject still empty
    std::optional<Sealing> sealing{};
    std::string canonical;             // what a repeat under the same key must equal
    std::optional<std::string> key{};  // idempotency key inside the route; absent: new each time
    std::string own_id{};  // JSON token of the caller's id, as it came; empty: shows the event id
    store::ExpectedVersion expected{};
    std::string expected_text = "any";
    std::string_view source{};  // separates its keys; empty: its door's
    bool is_repeat = false;     // the ledger has its key, and the vault nobody to seal it for
    std::optional<store::Receipt> held{};  // nothing to write: the ledger holds it already
};

using CheckedWrite = domain::Decision<Write>;

/// What every write of one request shares.
struct WriteContext {
    const store::Vault* vault = nullptr;
    std::string workspace = "default";
    std::string recorded_by;             // token:{id}
    std::optional<std::string> account;  // the token writes for this account alone
    domain::TraceId trace{};
    std::int64_t now_us = 0;

    [[nodiscard]] domain::Bytes16 digest(std::string_view text) const {
        const std::string_view parts[] = {text};
        return vault->keyed_hash(store::HashPurpose::stream, parts);
    }
};

}  // namespace decklog::api
