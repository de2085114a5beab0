#include "api/settings/operators.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "api/settings/layers.hpp"
#include "domain/text.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kPersonCharsMax = 64;

/// `slack:U0123456` or `slack/ACCOUNT:U0123456`, taken apart.
struct Named {
    std::string_view platform;
    std::optional<std::string_view> account;
    std::string_view person;
};

std::optional<Named> taken_apart(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    Named named{text.substr(0, colon), std::nullopt, text.substr(colon + 1)};
    if (const std::size_t slash = named.platform.find('/'); slash != std::string_view::npos) {
        named.account = named.platform.substr(slash + 1);
        named.platform = named.platform.substr(0, slash);
    }
    const bool is_id =
        !named.person.empty() && named.person.size() <= kPersonCharsMax &&
        std::all_of(named.person.begin(), named.person.end(), [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        });
    return is_id ? std::optional(named) : std::nullopt;
}

/// The platforms that can be answered in the same breath.
bool takes_commands(std::string_view platform) {
    return platform == to_text(ingest::Platform::slack) ||
           platform == to_text(ingest::Platform::discord);
}

class Reading {
  public:
    explicit Reading(const std::vector<ingest::Account>& accounts) : accounts_(accounts) {}

    domain::Result<Operator> one(const std::string& at, const FileOperator& listed) {
        Operator made;
        if (!domain::is_name(listed.name)) {
            return bad_setting(at + ".name",
                               "must be a name: a letter or digit, then up to 127 more of these "
                               "and ._:-");
        }
        if (!names_.insert(listed.name).second)
            return bad_setting(at + ".name", "is another operator's too; each has one of its own");
        made.name = listed.name;
        if (listed.role != "viewer" && listed.role != "operator")
            return bad_setting(at + ".role", "must be viewer or operator");
        made.role = listed.role == "viewer" ? Role::viewer : Role::operator_;
        if (listed.people.empty()) return bad_setting(at + ".people", "must be given");
        for (std::size_t i = 0; i < listed.people.size(); ++i) {
            const std::string of_one = at + ".people[" + std::to_string(i) + "]";
            if (auto done = person(of_one, listed.people[i]); !done)
                return tl::unexpected(done.error());
            made.people.push_back(listed.people[i]);
        }
        return made;
    }

  private:
    domain::Result<void> person(const std::string& at, const std::string& text) {
        const auto named = taken_apart(text);
        if (!named || !takes_commands(named->platform)) {
            return bad_setting(at,
                               "must be slack:ID or discord:ID, or slack/ACCOUNT:ID, with the id "
                               "that the platform gave the person");
        }
        const std::string everywhere =
            std::string(named->platform) + ":" + std::string(named->person);
        if (named->account && !has_account(named->platform, *named->account))
            return bad_setting(at, "names an account that is not configured");
        const bool is_everywhere = !named->account;
        const bool is_taken = !people_.insert(text).second || everywhere_.contains(everywhere) ||
                              (is_everywhere && somewhere_.contains(everywhere));
        if (is_taken) return bad_setting(at, "names a person who is listed before");
        (is_everywhere ? everywhere_ : somewhere_).insert(everywhere);
        return {};
    }
    [[nodiscard]] bool has_account(std::string_view platform, std::string_view id) const {
        return std::any_of(accounts_.begin(), accounts_.end(), [&](const auto& account) {
            return to_text(account.platform) == platform && account.id == id;
        });
    }

    const std::vector<ingest::Account>& accounts_;
    std::set<std::string> names_, people_, everywhere_, somewhere_;
};

}  // namespace

domain::Result<std::vector<Operator>> read_operators(const std::vector<FileOperator>& listed,
                                                     const std::vector<ingest::Account>& accounts) {
    Reading reading(accounts);
    std::vector<Operator> operators;
    for (std::size_t i = 0; i < listed.size(); ++i) {
        auto made = reading.one("operators[" + std::to_string(i) + "]", listed[i]);
        if (!made) return tl::unexpected(made.error());
        operators.push_back(std::move(*made));
    }
    return operators;
}

}  // namespace decklog::api
