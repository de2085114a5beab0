#include "tools/decklog/items.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdio>
#include <utility>

#include "domain/limits.hpp"
#include "store/json/canonical_json.hpp"
#include "tools/decklog/limits.hpp"

namespace decklog::cli {
namespace {

/// A JSON string token without its quotes; cursors need no unescaping.
std::string unquoted(std::string_view token) {
    if (token.size() < 2 || token.front() != '"') return {};
    return std::string(token.substr(1, token.size() - 2));
}

void set_param(Call& call, std::string_view name, std::string value) {
    for (auto& [key, old] : call.query) {
        if (key == name) {
            old = std::move(value);
            return;
        }
    }
    call.query.emplace_back(name, std::move(value));
}

/// Totals say what is missing: to the person who reads them, beside what a program reads.
void tell_parked(std::string_view body) {
    const std::string_view keys = store::json_token_at(body, "parkedKeys");
    if (keys.empty()) return;
    std::fprintf(stderr, "decklog: incomplete: %.*s parked (decklog parked list)\n",
                 static_cast<int>(keys.size()), keys.data());
}

}  // namespace

bool for_each_item(Session& session, Backend& backend, Call call, std::size_t limit,
                   const std::function<void(std::string_view item)>& sink, AsOf* as_of) {
    std::size_t given = 0;
    while (limit == 0 || given < limit) {
        const std::size_t page = limit == 0 ? kPageItems : std::min(kPageItems, limit - given);
        set_param(call, "limit", std::to_string(page));
        Response response;
        if (!session.ask(backend, call, nullptr, response)) return false;
        const auto items = store::json_array_items(store::json_token_at(response.body, "items"),
                                                   domain::limits::kJsonDepthMax + 8);
        if (!items) {
            session.fail(kFailed, "the server's answer has no items");
            return false;
        }
        for (const std::string_view item : *items) sink(item);
        given += items->size();
        if (as_of != nullptr) {
            *as_of = {unquoted(store::json_token_at(response.body, "asOf.position")),
                      unquoted(store::json_token_at(response.body, "asOf.time"))};
        }
        const std::string next = unquoted(store::json_token_at(response.body, "next"));
        if (next.empty() || items->empty()) {
            tell_parked(response.body);
            return true;
        }
        set_param(call, "cursor", next);
    }
    return true;
}

bool for_each_row(Session& session, Backend& backend, Call call,
                  const std::function<void(const boost::json::object& row)>& sink, AsOf* as_of) {
    const auto give = [&](std::string_view item) {
        if (session.json) {
            std::printf("%.*s\n", static_cast<int>(item.size()), item.data());
            return;
        }
        boost::system::error_code error;
        const auto value = boost::json::parse({item.data(), item.size()}, error);
        if (!error && value.is_object()) sink(value.get_object());
    };
    return for_each_item(session, backend, std::move(call), 0, give, as_of);
}

}  // namespace decklog::cli
