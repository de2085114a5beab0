#include "api/target.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "domain/text.hpp"

namespace decklog::api {
namespace {

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7F;
    });
}

}  // namespace

std::string Target::path() const {
    std::string text;
    for (const std::string& segment : segments) text.append("/").append(segment);
    return text.empty() ? "/" : text;
}

std::optional<Target> parse_target(std::string_view text) {
    const boost::urls::string_view view(text.data(), text.size());
    const auto url = text.starts_with('/') ? boost::urls::parse_origin_form(view)
                                           : boost::urls::parse_absolute_uri(view);
    if (!url) return std::nullopt;
    Target target;
    for (const auto& segment : url->segments()) {
        target.segments.emplace_back(segment.data(), segment.size());
        const std::string& added = target.segments.back();
        if (has_control(added) || !domain::is_utf8(added)) return std::nullopt;
    }
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    for (const auto& param : url->params(options)) {
        target.query.emplace_back(param.key, param.value);
        if (!domain::is_utf8(param.key) || !domain::is_utf8(param.value)) return std::nullopt;
    }
    return target;
}

}  // namespace decklog::api
