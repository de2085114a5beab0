#include "api/platforms/account_fields.hpp"

#include <sodium.h>

#include <array>
#include <utility>

#include "api/writes/json_fields.hpp"
#include "domain/limits.hpp"

namespace decklog::api {
namespace {

constexpr std::array<std::string_view, 7> kCreateFields{
    "platform", "accountName",     "accountExternalId", "isActive",
    "sendMode", "integrationMode", "credentials"};
constexpr std::array<std::string_view, 4> kUpdateFields{"isActive", "sendMode", "integrationMode",
                                                        "credentials"};

/// The id of the account with these two, the same wherever it is made: so no two accounts can have
/// both alike, without a second place where names are taken.
std::string account_id_of(std::string_view platform, std::string_view external_id) {
    constexpr std::size_t kIdBytes = 8;
    constexpr std::size_t kPlatformBytesMax = domain::limits::kNameBytesMax - 2 * kIdBytes - 1;
    std::array<std::uint8_t, crypto_generichash_BYTES> hash{};
    std::string text(platform);
    text.push_back('\0');
    text.append(external_id);
    crypto_generichash(hash.data(), hash.size(),
                       reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr,
                       0);
    return std::string(platform.substr(0, kPlatformBytesMax)) + "-" +
           domain::to_hex(hash.data(), kIdBytes);
}

std::optional<bool> truth_if_given(JsonFields& fields, std::string_view name) {
    if (fields.find(name) == nullptr) return std::nullopt;
    return fields.truth(name);
}

std::optional<std::string> text_if_given(JsonFields& fields, std::string_view name) {
    if (fields.find(name) == nullptr) return std::nullopt;
    return fields.text_or_none(name);
}

/// Null is a value of this one: as is the default.
std::optional<std::string> send_mode_if_given(JsonFields& fields) {
    constexpr std::string_view kName = "sendMode";
    if (!fields.object().contains(boost::json::string_view(kName.data(), kName.size())))
        return std::nullopt;
    return fields.text_or_none(kName);
}

std::optional<std::vector<domain::Credential>> credentials_if_given(JsonFields& fields) {
    const auto* value = fields.find("credentials");
    if (value == nullptr) return std::nullopt;
    std::vector<domain::Credential> credentials;
    if (!value->is_object()) {
        fields.refuse({"not_an_object", "credentials are an object of references", "credentials"});
        return credentials;
    }
    for (const auto& member : value->get_object()) {
        // What is no text is no reference either, and refused as such.
        const auto* ref = member.value().if_string();
        credentials.push_back(
            {std::string(member.key().data(), member.key().size()),
             ref == nullptr ? std::string() : std::string(ref->data(), ref->size())});
    }
    return credentials;
}

}  // namespace

domain::Decision<domain::CreatePlatformAccount> read_account(std::string_view body) {
    auto fields = JsonFields::read_order(body, kCreateFields);
    if (!fields) return tl::unexpected(fields.error());
    domain::CreatePlatformAccount command;
    command.platform = fields->required_name("platform");
    command.account_name = fields->required_id("accountName");
    command.account_external_id = fields->required_id("accountExternalId");
    domain::AccountPolicy& policy = command.policy;
    policy.is_active = truth_if_given(*fields, "isActive").value_or(policy.is_active);
    policy.send_mode = fields->text_or_none("sendMode");
    policy.integration_mode =
        text_if_given(*fields, "integrationMode").value_or(policy.integration_mode);
    policy.credentials = credentials_if_given(*fields).value_or(policy.credentials);
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    command.account_id = account_id_of(command.platform, command.account_external_id);
    return command;
}

domain::Decision<domain::UpdatePlatformPolicy> read_update(std::string_view body) {
    auto fields = JsonFields::read_order(body, kUpdateFields);
    if (!fields) return tl::unexpected(fields.error());
    domain::UpdatePlatformPolicy command;
    command.is_active = truth_if_given(*fields, "isActive");
    command.send_mode = send_mode_if_given(*fields);
    command.integration_mode = text_if_given(*fields, "integrationMode");
    command.credentials = credentials_if_given(*fields);
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    return command;
}

}  // namespace decklog::api
