// The one path (design, "The edges"): account -> secret -> signature over the raw bytes -> parse ->
// file -> one submit -> the platform's answer. 5xx is said only when the append failed, because
// platforms repeat on it: a poison item answered 503 would stall its room for a day.
#include "ingest/inbound.hpp"

#include <algorithm>
#include <array>

#include "domain/check.hpp"
#include "ingest/adapter.hpp"
#include "ingest/blanking.hpp"
#include "ingest/endpoints.hpp"
#include "ingest/filing.hpp"
#include "ingest/form.hpp"
#include "ingest/limits.hpp"
#include "ingest/outcome.hpp"
#include "ingest/pending_command.hpp"
#include "store/log.hpp"
#include "store/writer/answers.hpp"

namespace decklog::ingest {
namespace {

constexpr std::int64_t kDayUs = 86'400LL * 1'000'000;

class OnePath final : public Inbound {
  public:
    explicit OnePath(Options options)
        : options_(std::move(options)), endpoints_(std::move(options_.accounts)) {
        DECKLOG_CHECK(options_.ledger != nullptr && options_.vault != nullptr);
        if (options_.clock == nullptr) options_.clock = &store::system_clock();
        if (options_.random == nullptr) options_.random = &store::system_random();
        if (options_.observer == nullptr) options_.observer = &silent_;
    }

    void receive(const HookRequest& request, HookDone done) override {
        Endpoint* endpoint = endpoints_.find(request.platform, request.account);
        if (endpoint == nullptr) return refuse(request, 404, "unknown_account", done);
        if (!endpoint->is_on()) {
            endpoint->count_off_call(*options_.clock, request.trace);
            return refuse(request, 404, "off", done);
        }
        const Adapter& adapter = adapter_of(request.platform);
        if (request.is_get) return answer_get(adapter, request, endpoint->account(), done);

        const auto received = std::chrono::steady_clock::now();
        const std::int64_t now_us = options_.clock->now_us();
        const Verification verification =
            adapter.verify(request, endpoint->account().secrets, now_us);
        if (!verification.refusal.empty()) return refuse(request, 401, verification.refusal, done);
        const Coming coming{received, now_us, verification.signed_at_us.value_or(now_us)};
        receive_signed(adapter, request, *endpoint,
                       endpoint->account().secrets[verification.secret], coming, done);
    }

    std::vector<OffEndpoint> off_endpoints() const override { return endpoints_.off(); }

    std::string workspace_of(Platform platform, const std::string& account) const override {
        const Endpoint* endpoint = endpoints_.find(platform, account);
        return endpoint == nullptr ? Account().workspace : endpoint->account().workspace;
    }

  private:
    void receive_signed(const Adapter& adapter, const HookRequest& request,
                        const Endpoint& endpoint, const std::string& secret, const Coming& coming,
                        HookDone& done) {
        auto reading =
            adapter.read({request.body, request.header("content-type"), request.account});
        if (!reading) return refuse(request, 400, reading.error().code, done);
        for (const std::string& native : reading->native_accounts) {
            if (!endpoints_.covers(endpoint, secret, native))
                return refuse(request, 403, "account_mismatch", done);
        }
        if (reading->handshake) {
            options_.observer->webhook(request.platform, "handshake", 1);
            return done(std::move(*reading->handshake));
        }
        if (reading->items.size() > limits::kItemsPerBodyMax) {
            Item whole = unrecognised_body(request.body, "too_many_items",
                                           std::string(to_text(request.platform)) + ":");
            std::get<Unrecognised>(whole.what).too_large = true;
            reading->items.assign(1, std::move(whole));
        }
        store_items(adapter, request, endpoint.account(), coming, std::move(*reading), done);
    }

    void store_items(const Adapter& adapter, const HookRequest& request, const Account& account,
                     const Coming& coming, Reading reading, HookDone& done) {
        const std::int64_t now_us = coming.now_us;
        const auto partition = partition_of(account.workspace);
        if (!partition) return unavailable(request, store::word_of(partition.error().kind), done);
        auto raw = raw_body(adapter, request, now_us);
        if (!raw) return fail(request, raw.error(), done);
        const Arrival arrival{account, traits_of(request.platform), request.trace, now_us,
                              std::make_shared<const store::RawBody>(std::move(*raw))};
        // Nobody new goes into the vault for a ledger that takes nothing new; a repeat brings none.
        const auto refused = store::refusal_of_new(options_.ledger->state());
        auto command = pending(request, coming, reading);
        auto filing =
            file_items(arrival, std::move(reading.items), *options_.ledger, *options_.vault,
                       refused ? Newcomers::refused : Newcomers::created);
        if (!filing && refused && filing.error().code == domain::ErrorCode::stopped)
            return unavailable(request, store::word_of(*refused), done);
        if (!filing) return fail(request, filing.error(), done);
        options_.ledger->submit(
            *partition, std::move(filing->submissions),
            [outcome = Outcome(request.platform, request.trace, options_.ledger->ledger_id(),
                               *options_.observer),
             filed_as = std::move(filing->filed_as), in_use = std::move(filing->in_use),
             answer = std::move(reading.answer), command = std::move(command),
             done = std::move(done)](const std::vector<store::Answer>& answers) mutable {
                HookAnswer told = outcome.answer(answers, filed_as, answer);
                if (!command) return done(std::move(told));
                command->hand_over(answers, filed_as, std::move(told), done);
            });
    }

    [[nodiscard]] tl::expected<std::uint32_t, store::Refusal> partition_of(
        std::string_view workspace) const {
        if (!options_.partition_of) return 0;
        return options_.partition_of(workspace);
    }

    [[nodiscard]] std::optional<PendingCommand> pending(const HookRequest& request,
                                                        const Coming& coming,
                                                        Reading& reading) const {
        if (options_.commands == nullptr || !reading.command) return std::nullopt;
        return PendingCommand(*options_.commands, request, coming, reading.items.front().dedupe_id,
                              *std::exchange(reading.command, {}));
    }

    /// The body as it is kept: bearer values blanked, compressed and sealed with the key of today.
    domain::Result<store::RawBody> raw_body(const Adapter& adapter, const HookRequest& request,
                                            std::int64_t now_us) {
        const std::string kept =
            blanked(request.body, is_form(request.header("content-type"), request.body),
                    adapter.bearer_fields());
        store::RawBody raw;
        raw.ref.day = static_cast<std::uint32_t>(now_us / kDayUs);
        raw.ref.length = static_cast<std::uint32_t>(request.body.size());
        raw.ref.id = raw_id(now_us);
        raw.ref.keyed_hash =
            options_.vault->keyed_hash(store::HashPurpose::raw_body, std::span(&request.body, 1));
        auto sealed = options_.vault->seal_raw(
            raw.ref.day, {reinterpret_cast<const std::uint8_t*>(kept.data()), kept.size()});
        if (!sealed) return tl::unexpected(sealed.error());
        raw.sealed = std::move(*sealed);
        return raw;
    }

    /// In the order of their coming, so that the newest rows stand beside each other.
    domain::RawId raw_id(std::int64_t now_us) {
        std::array<std::uint8_t, 10> tail{};
        options_.random->fill(tail);
        return domain::RawId{domain::make_event_id(now_us, tail).bytes};
    }

    void answer_get(const Adapter& adapter, const HookRequest& request, const Account& account,
                    HookDone& done) {
        HookAnswer answer = adapter.answer_get(request, account);
        options_.observer->webhook(request.platform,
                                   answer.error_code.empty() ? "handshake" : answer.error_code, 1);
        done(std::move(answer));
    }

    void refuse(const HookRequest& request, int status, std::string_view code, HookDone& done) {
        options_.observer->webhook(request.platform, code, 1);
        done(HookAnswer{.status = status, .error_code = std::string(code)});
    }

    void fail(const HookRequest& request, const domain::Error& error, HookDone& done) {
        store::log_error("hooks", request.trace, "the vault did not seal a webhook: {}",
                         error.context);
        unavailable(request, "vault_unavailable", done);
    }

    void unavailable(const HookRequest& request, std::string_view code, HookDone& done) {
        options_.observer->webhook(request.platform, code, 1);
        done(HookAnswer{.status = 503,
                        .error_code = std::string(code),
                        .retry_after_seconds = limits::kRetryAfterSeconds});
    }

    InboundObserver silent_;
    Options options_;
    Endpoints endpoints_;
};

}  // namespace

std::unique_ptr<Inbound> Inbound::create(Options options) {
    return std::make_unique<OnePath>(std::move(options));
}

}  // namespace decklog::ingest
