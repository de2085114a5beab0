#include "api/settings/accounts.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "domain/text.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kPublicKeyHexDigits = 64;

struct PlatformVariable {
    ingest::Platform platform;
    std::string_view name;
};
constexpr std::array<PlatformVariable, 4> kPlatformSecrets{{
    {ingest::Platform::telegram, "TELEGRAM_WEBHOOK_SECRET"},
    {ingest::Platform::discord, "DISCORD_PUBLIC_KEY"},
    {ingest::Platform::whatsapp, "WHATSAPP_APP_SECRET"},
    {ingest::Platform::slack, "SLACK_SIGNING_SECRET"},
}};

domain::Result<Secret> platform_secret(ingest::Platform platform, const Given& given) {
    if (platform == ingest::Platform::discord) return to_hex_secret(given, kPublicKeyHexDigits);
    return to_secret(given, 1);
}

domain::Result<Secret> any_secret(ingest::Platform, const Given& given) {
    return to_secret(given, 1);
}

using Check = domain::Result<Secret> (*)(ingest::Platform, const Given&);

class Reading {
  public:
    explicit Reading(const Layers& layers) : layers_(layers) {}

    domain::Result<Accounts> run(const std::vector<FileAccount>& listed) && {
        if (auto done = plain(); !done) return tl::unexpected(done.error());
        for (std::size_t i = 0; i < listed.size(); ++i) {
            const std::string at = "accounts[" + std::to_string(i) + "]";
            if (auto done = one(at, listed[i]); !done) return tl::unexpected(done.error());
        }
        return std::move(read_);
    }

  private:
    using Step = domain::Result<void>;

    Step plain() {
        auto verify = layers_.secret("WHATSAPP_VERIFY_TOKEN");
        if (!verify) return tl::unexpected(verify.error());
        for (const auto& [platform, name] : kPlatformSecrets) {
            auto given = layers_.secret(std::string(name));
            if (!given) return tl::unexpected(given.error());
            if (!*given) continue;
            auto secret = platform_secret(platform, **given);
            if (!secret) return tl::unexpected(secret.error());
            ingest::Account account;
            account.platform = platform;
            account.secrets = {secret->reveal()};
            if (platform == ingest::Platform::whatsapp && *verify)
                account.verify_tokens = {(*verify)->text};
            read_.accounts.push_back(std::move(account));
        }
        return {};
    }

    Step one(const std::string& at, const FileAccount& listed) {
        auto account = named(at, listed);
        if (!account) return tl::unexpected(account.error());
        auto secrets =
            referenced(account->platform, at + ".secret", listed.secrets, platform_secret);
        if (!secrets) return tl::unexpected(secrets.error());
        account->secrets = std::move(*secrets);
        auto verify =
            referenced(account->platform, at + ".verify_token", listed.verify_tokens, any_secret);
        if (!verify) return tl::unexpected(verify.error());
        account->verify_tokens = std::move(*verify);
        const auto tokens = referenced(account->platform, at + ".token", listed.tokens, any_secret);
        if (!tokens) return tl::unexpected(tokens.error());
        for (const std::string& token : *tokens) {
            read_.credentials.insert_or_assign(listed.platform + "/" + account->id, Secret(token));
        }
        return add(at, std::move(*account));
    }

    static domain::Result<ingest::Account> named(const std::string& at, const FileAccount& listed) {
        const auto platform = ingest::platform_from_text(listed.platform);
        if (!platform)
            return bad_setting(at + ".platform", "must be telegram, discord, whatsapp or slack");
        ingest::Account account;
        account.platform = *platform;
        if (!listed.id.empty()) account.id = listed.id;
        if (!listed.workspace.empty()) account.workspace = listed.workspace;
        if (!domain::is_outside_id(account.id) || account.id.find('/') != std::string::npos) {
            return bad_setting(at + ".id",
                               "must be 1-200 bytes without control characters and slashes");
        }
        if (!domain::is_workspace(account.workspace)) {
            return bad_setting(at + ".workspace", "must be 1-64 of a-z, 0-9 and -");
        }
        return account;
    }

    domain::Result<std::vector<std::string>> referenced(ingest::Platform platform,
                                                        const std::string& source,
                                                        const std::vector<std::string>& references,
                                                        Check check) const {
        std::vector<std::string> secrets;
        for (const std::string& reference : references) {
            auto given = layers_.referenced(Given{source, reference});
            if (!given) return tl::unexpected(given.error());
            auto secret = check(platform, *given);
            if (!secret) return tl::unexpected(secret.error());
            secrets.push_back(secret->reveal());
        }
        return secrets;
    }

    Step add(const std::string& at, ingest::Account account) {
        const bool is_taken =
            std::any_of(read_.accounts.begin(), read_.accounts.end(), [&](const auto& other) {
                return other.platform == account.platform && other.id == account.id;
            });
        if (is_taken) {
            return bad_setting(
                at, "names a platform and id that another account or a plain variable already has");
        }
        read_.accounts.push_back(std::move(account));
        return {};
    }

    const Layers& layers_;
    Accounts read_;
};

}  // namespace

domain::Result<Accounts> read_accounts(const Layers& layers,
                                       const std::vector<FileAccount>& listed) {
    return Reading(layers).run(listed);
}

}  // namespace decklog::api
