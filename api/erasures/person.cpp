#include "api/erasures/person.hpp"

#include <algorithm>
#include <set>

#include "domain/text.hpp"
#include "ingest/inbound.hpp"

namespace decklog::api {
namespace {

constexpr std::size_t kPersonBytesMax = 512;  // two ids from outside and what joins them
constexpr std::string_view kConversation = "conversation";
constexpr std::string_view kEntity = "entity";

tl::unexpected<domain::Rejection> invalid_person() {
    return domain::reject("invalid_person",
                          "name a person as platform:native-id (whatsapp:16505551234; the "
                          "platform's own id, no user name), conversation:PLATFORM:ID, "
                          "entity:TYPE:ID or a subject id p_…",
                          "person", static_cast<std::int64_t>(kPersonBytesMax));
}

bool is_text(std::string_view text) {
    return domain::is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

/// Every way to read `text` as two parts with a colon between.
std::vector<store::NativeSubject> two_parts(std::string_view kind, std::string_view text) {
    std::vector<store::NativeSubject> natives;
    for (auto at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
        if (at + 1 == text.size()) break;
        natives.push_back(
            {std::string(kind), std::string(text.substr(0, at)), std::string(text.substr(at + 1))});
    }
    return natives;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// The id as the platform writes it, where its rule is clear: WhatsApp's numbers are digits alone,
/// however people write them; Telegram's ids are numbers. Empty: no id of this platform, and a name
/// that somebody chose is an id of none.
std::string native_id(ingest::Platform platform, std::string_view text) {
    if (text.starts_with('@') || text.starts_with('<')) return {};
    if (platform == ingest::Platform::telegram && !is_number(text)) return {};
    std::string id(text);
    if (platform != ingest::Platform::whatsapp) return id;
    std::string digits = id;
    std::erase_if(digits,
                  [](char c) { return std::string_view("+ -.()").find(c) != std::string::npos; });
    const bool is_written_out = is_number(digits);
    return is_written_out ? digits : text.starts_with('+') ? std::string() : id;
}

std::vector<store::NativeSubject> person_of(ingest::Platform platform, std::string_view text) {
    std::vector<store::NativeSubject> natives;
    const auto add = [&](std::string_view part) {
        if (std::string id = native_id(platform, part); !id.empty())
            natives.push_back({"person", std::string(to_text(platform)), std::move(id)});
    };
    add(text);
    if (const auto account = text.find(':'); account != std::string_view::npos)
        add(text.substr(account + 1));
    return natives;
}

}  // namespace

domain::Decision<PersonName> read_person(std::string_view text) {
    if (text.empty() || text.size() > kPersonBytesMax || !is_text(text)) return invalid_person();
    PersonName name;
    if ((name.subject = domain::subject_from_text(text))) return name;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || colon + 1 == text.size()) return invalid_person();
    const std::string_view first = text.substr(0, colon);
    const std::string_view rest = text.substr(colon + 1);
    if (const auto platform = ingest::platform_from_text(first)) {
        name.natives = person_of(*platform, rest);
    } else if (first == kConversation || first == kEntity) {
        name.natives = two_parts(first, rest);
    }
    if (name.natives.empty()) return invalid_person();
    return name;
}

domain::Result<domain::Decision<std::optional<domain::SubjectId>>> find_person(
    const store::Vault& vault, const PersonName& name) {
    using Found = domain::Decision<std::optional<domain::SubjectId>>;
    if (name.subject) return Found(name.subject);
    std::set<domain::SubjectId> found;
    for (const store::NativeSubject& native : name.natives) {
        const auto subject = vault.find_subject(native);
        if (!subject) return tl::unexpected(subject.error());
        if (*subject) found.insert(**subject);
    }
    if (found.size() > 1) {
        return Found(domain::reject("ambiguous_person",
                                    "more than one subject answers to this name; "
                                    "give the subject id of the one you mean",
                                    "person"));
    }
    return Found(found.empty() ? std::nullopt : std::optional(*found.begin()));
}

}  // namespace decklog::api
