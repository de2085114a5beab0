#include "api/personal_data/view_reading.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "api/sealed_part.hpp"
#include "domain/base64.hpp"
#include "domain/time_text.hpp"

namespace decklog::api {
namespace {

/// Sealed parts stand in rows as `{"sealed": base64}` under a key that ends in `Sealed`.
constexpr std::string_view kSealedEnding = "Sealed";

bool opens(std::string_view key, const boost::json::value& value, const Opener& opener) {
    if (!key.ends_with(kSealedEnding) || !value.is_object()) return false;
    const auto* sealed = value.get_object().if_contains("sealed");
    if (sealed == nullptr || !sealed->is_string()) return false;
    const auto bytes =
        domain::from_base64({sealed->get_string().data(), sealed->get_string().size()});
    return bytes && opener.open(std::span<const std::uint8_t>(*bytes)).is_opened();
}

std::uint64_t opened_in(const boost::json::value& value, const Opener& opener) {
    std::uint64_t opened = 0;
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            const std::string_view key(member.key().data(), member.key().size());
            opened += opens(key, member.value(), opener) ? 1 : opened_in(member.value(), opener);
        }
    } else if (const auto* array = value.if_array()) {
        for (const auto& item : *array) opened += opened_in(item, opener);
    }
    return opened;
}

}  // namespace

std::optional<domain::Rejection> record_view_reading(const Core& core, const PersonalReader& reader,
                                                     const projections::View& view,
                                                     const projections::Replayed& folded,
                                                     const std::string& asked_for,
                                                     const std::function<bool()>& still_wanted) {
    if (!reader.principal.opens_sealed()) return std::nullopt;
    const Opener opener(*core.vault, true);
    std::uint64_t opened = 0;
    bool wanted = true;
    view.print(folded.rows, [&](const boost::json::object& row) {
        opened += opened_in(row, opener);
        wanted = still_wanted();
        return wanted;
    });
    if (!wanted) return domain::Rejection{"stopping", "nobody waits for it", {}, {}};
    return record_reading(core, reader, "replay " + asked_for, opened);
}

std::string asked_for(const projections::View& view, const projections::ReplayRange& range) {
    std::string text = "view=" + std::string(view.name());
    if (range.from_ordinal) text += "&from=0:" + std::to_string(*range.from_ordinal);
    if (range.to_ordinal) text += "&to=0:" + std::to_string(*range.to_ordinal);
    if (range.at_us) text += "&at=" + domain::to_rfc3339(*range.at_us);
    return text;
}

}  // namespace decklog::api
