#include "api/auth/token_book.hpp"

#include <sodium.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "api/auth/token_text.hpp"
#include "domain/payload.hpp"
#include "store/frame/frame.hpp"

namespace decklog::api {
namespace {

using domain::EventType;
using domain::EventView;

bool equal(const domain::Bytes32& left, const domain::Bytes32& right) {
    return sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace

struct TokenBook::State {
    struct Row {
        TokenInfo info;
        domain::Bytes32 hash{};
    };
    struct Admitted {
        std::string principal_id;
        domain::Bytes32 hash{};
    };

    const store::Vault* vault = nullptr;
    const store::Clock* clock = nullptr;

    mutable std::shared_mutex mutex;
    std::map<std::string, Row, std::less<>> rows;
    std::map<std::string, std::int64_t, std::less<>> revoked;  // by id: may be read before the row
    std::vector<Admitted> admitted;

    std::unique_ptr<store::Subscription> subscription;  // last: ends before the maps do

    void apply(const EventView& event);
    void create(const EventView& event);
    void revoke(const EventView& event);
    [[nodiscard]] bool is_live(const Row& row) const {
        return !revoked.contains(row.info.id) &&
               (row.info.expires_at_us == 0 || clock->now_us() < row.info.expires_at_us);
    }
    [[nodiscard]] TokenInfo shown(const Row& row) const;
    [[nodiscard]] domain::Result<void> fold(const store::LogReader& log, EventType type);
};

void TokenBook::State::apply(const EventView& event) {
    if (event.is(EventType::token_created)) create(event);
    if (event.is(EventType::token_revoked)) revoke(event);
}

void TokenBook::State::create(const EventView& event) {
    const auto* payload = event.payload_as<fb::TokenCreated>();
    if (payload == nullptr || payload->token_id() == nullptr || payload->role() == nullptr) return;
    const auto role = role_from_text(payload->role()->string_view());
    Row row;
    // A role of a newer build, or a hash of another length, is a token that opens nothing here.
    if (!role || payload->hash() == nullptr || payload->hash()->size() != row.hash.size()) return;
    std::copy(payload->hash()->begin(), payload->hash()->end(), row.hash.begin());
    row.info.id = payload->token_id()->str();
    row.info.role = *role;
    row.info.name = payload->name() == nullptr ? std::string{} : payload->name()->str();
    row.info.created_at_us = event.recorded_at_us();
    row.info.expires_at_us = payload->expires_at();
    row.info.personal = payload->personal();
    if (payload->account() != nullptr && payload->account()->size() > 0) {
        row.info.account = payload->account()->str();
    }
    if (payload->gate() != nullptr && payload->gate()->size() > 0)
        row.info.gate = payload->gate()->str();
    // A limit without the role that keeps it, or that role without its limit, opens nothing.
    if (row.info.gate.has_value() != (row.info.role == Role::gate)) return;
    row.info.position = event.position();
    const std::unique_lock lock(mutex);
    rows.insert_or_assign(row.info.id, std::move(row));
}

void TokenBook::State::revoke(const EventView& event) {
    const auto* payload = event.payload_as<fb::TokenRevoked>();
    if (payload == nullptr || payload->token_id() == nullptr) return;
    const std::unique_lock lock(mutex);
    revoked.try_emplace(payload->token_id()->str(), event.recorded_at_us());
}

TokenInfo TokenBook::State::shown(const Row& row) const {
    TokenInfo info = row.info;
    if (const auto found = revoked.find(info.id); found != revoked.end()) {
        info.revoked_at_us = found->second;
    }
    return info;
}

domain::Result<void> TokenBook::State::fold(const store::LogReader& log, EventType type) {
    store::IndexKey key;
    key.kind = store::IndexKey::Kind::type;
    key.type = static_cast<std::uint32_t>(type);
    for (std::uint32_t partition = 0; partition < log.partitions(); ++partition) {
        domain::Result<void> outcome;
        auto scanned = log.scan(partition, key, store::Order::ascending, std::nullopt,
                                [&](domain::Position position) {
                                    auto frame = log.frame_at(position);
                                    if (!frame) {
                                        outcome = tl::unexpected(frame.error());
                                        return false;
                                    }
                                    const auto index = position.ordinal - (*frame)->first().ordinal;
                                    apply((*frame)->event(index));
                                    return true;
                                });
        if (!scanned) return scanned;
        if (!outcome) return outcome;
    }
    return {};
}

domain::Result<std::unique_ptr<TokenBook>> TokenBook::open(store::Ledger& ledger,
                                                           const store::Vault& vault,
                                                           const store::Clock& clock) {
    auto state = std::make_unique<State>();
    state->vault = &vault;
    state->clock = &clock;
    // Followed before it is read: what is committed in between is seen twice, never missed.
    state->subscription =
        ledger.on_durable([s = state.get()](std::span<const store::FramePtr> frames) {
            if (frames.front()->first().partition != 0) return;  // tokens stand there
            for (const store::FramePtr& frame : frames) {
                for (std::size_t i = 0; i < frame->event_count(); ++i) s->apply(frame->event(i));
            }
        });
    for (const EventType type : {EventType::token_created, EventType::token_revoked}) {
        if (auto folded = state->fold(ledger, type); !folded) {
            return tl::unexpected(folded.error());
        }
    }
    return std::unique_ptr<TokenBook>(new TokenBook(std::move(state)));
}

TokenBook::TokenBook(std::unique_ptr<State> state) : state_(std::move(state)) {}
TokenBook::~TokenBook() = default;

void TokenBook::admit(std::string principal_id, std::string_view token) {
    State::Admitted admitted{std::move(principal_id), token_hash(*state_->vault, token)};
    const std::unique_lock lock(state_->mutex);
    state_->admitted.push_back(std::move(admitted));
}

std::optional<Principal> TokenBook::authenticate(std::string_view token) const {
    const domain::Bytes32 hash = token_hash(*state_->vault, token);
    const std::shared_lock lock(state_->mutex);
    for (const State::Admitted& admitted : state_->admitted) {
        if (equal(admitted.hash, hash)) {
            return Principal{Role::admin, admitted.principal_id, admitted.principal_id, true, {}};
        }
    }
    const auto id = token_id_of(token);
    if (!id) return std::nullopt;
    const auto found = state_->rows.find(*id);
    if (found == state_->rows.end()) return std::nullopt;
    const State::Row& row = found->second;
    if (!equal(row.hash, hash) || !state_->is_live(row)) return std::nullopt;
    return Principal{row.info.role,     row.info.id,      row.info.name,
                     row.info.personal, row.info.account, row.info.gate};
}

bool TokenBook::still_valid(const Principal& principal) const {
    const std::shared_lock lock(state_->mutex);
    const auto found = state_->rows.find(principal.id);
    if (found != state_->rows.end()) return state_->is_live(found->second);
    // Not of the log: admitted for as long as the process lives.
    return std::any_of(
        state_->admitted.begin(), state_->admitted.end(),
        [&](const State::Admitted& admitted) { return admitted.principal_id == principal.id; });
}

std::vector<TokenInfo> TokenBook::list() const {
    std::vector<TokenInfo> tokens;
    {
        const std::shared_lock lock(state_->mutex);
        for (const auto& [id, row] : state_->rows) tokens.push_back(state_->shown(row));
    }
    std::sort(tokens.begin(), tokens.end(), [](const TokenInfo& left, const TokenInfo& right) {
        return left.position < right.position;
    });
    return tokens;
}

std::optional<TokenInfo> TokenBook::find(std::string_view id) const {
    const std::shared_lock lock(state_->mutex);
    const auto found = state_->rows.find(id);
    if (found == state_->rows.end()) return std::nullopt;
    return state_->shown(found->second);
}

bool TokenBook::ever_had_admin() const {
    const std::shared_lock lock(state_->mutex);
    return std::any_of(state_->rows.begin(), state_->rows.end(),
                       [](const auto& entry) { return entry.second.info.role == Role::admin; });
}

}  // namespace decklog::api
