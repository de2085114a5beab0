#include <algorithm>
#include <array>

#include "ingest/adapter.hpp"
#include "ingest/discord/normalise.hpp"
#include "ingest/discord/verify.hpp"
#include "ingest/json_view.hpp"
#include "ingest/slack/names.hpp"
#include "ingest/slack/normalise.hpp"
#include "ingest/slack/verify.hpp"
#include "ingest/telegram/normalise.hpp"
#include "ingest/telegram/verify.hpp"
#include "ingest/whatsapp/normalise.hpp"
#include "ingest/whatsapp/verify.hpp"

namespace decklog::ingest {
namespace {

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// A Telegram update does not say which bot it is for: the secret alone does.
class Telegram final : public Adapter {
  public:
    Verification verify(const HookRequest& request, std::span<const std::string> secrets,
                        std::int64_t) const override {
        return telegram::verify(request, secrets);
    }
    domain::Decision<Reading> read(const SignedBody& body) const override {
        return telegram::read(body);
    }
};

class Discord final : public Adapter {
  public:
    Verification verify(const HookRequest& request, std::span<const std::string> secrets,
                        std::int64_t now_us) const override {
        return discord::verify(request, secrets, now_us);
    }
    domain::Decision<Reading> read(const SignedBody& body) const override {
        return discord::read(body);
    }
    std::span<const std::string_view> bearer_fields() const override {
        static constexpr std::array<std::string_view, 1> kFields{"token"};
        return kFields;
    }
    bool is_native_account(std::string_view account) const override { return is_digits(account); }
};

class WhatsApp final : public Adapter {
  public:
    Verification verify(const HookRequest& request, std::span<const std::string> secrets,
                        std::int64_t) const override {
        return whatsapp::verify(request, secrets);
    }
    domain::Decision<Reading> read(const SignedBody& body) const override {
        return whatsapp::read(body);
    }
    bool is_native_account(std::string_view account) const override { return is_digits(account); }
    HookAnswer answer_get(const HookRequest& request, const Account& account) const override {
        return whatsapp::answer_handshake(request, account);
    }
};

class Slack final : public Adapter {
  public:
    Verification verify(const HookRequest& request, std::span<const std::string> secrets,
                        std::int64_t now_us) const override {
        return slack::verify(request, secrets, now_us);
    }
    domain::Decision<Reading> read(const SignedBody& body) const override {
        return slack::read(body);
    }
    std::span<const std::string_view> bearer_fields() const override {
        static constexpr std::array<std::string_view, 3> kFields{"token", "response_url",
                                                                 "trigger_id"};
        return kFields;
    }
    bool is_native_account(std::string_view account) const override {
        return slack::is_team_id(account);
    }
};

}  // namespace

const Adapter& adapter_of(Platform platform) {
    static const Telegram kTelegram;
    static const Discord kDiscord;
    static const WhatsApp kWhatsApp;
    static const Slack kSlack;
    static const std::array<const Adapter*, 4> kAdapters{&kTelegram, &kDiscord, &kWhatsApp,
                                                         &kSlack};
    return *kAdapters[static_cast<std::size_t>(platform)];
}

Item unrecognised_body(std::string_view bytes, std::string field, std::string dedupe_prefix) {
    Item item{.what = Unrecognised{.field = std::move(field)},
              .dedupe_id = {},
              .identity = canonical_or_raw(bytes),
              .source = bytes};
    item.dedupe_id = std::move(dedupe_prefix) + "h:" + item.identity;
    return item;
}

}  // namespace decklog::ingest
