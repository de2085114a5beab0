#include "ingest/form.hpp"

#include <boost/url/parse_query.hpp>

namespace decklog::ingest {

std::optional<Form> parse_form(std::string_view body) {
    // Boost.URL 1.81 reads up to a zero byte instead of the length that it was given, so it is
    // given a copy that ends in one.
    if (body.find('\0') != std::string_view::npos) return std::nullopt;
    const std::string ended(body);
    const auto query = boost::urls::parse_query(ended);
    if (query.has_error()) return std::nullopt;
    const auto in_body = [&](boost::urls::string_view value) {
        return body.substr(static_cast<std::size_t>(value.data() - ended.data()), value.size());
    };
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    Form form;
    for (const boost::urls::param_pct_view field : *query) {
        form.push_back({field.key.decode(options), field.value.decode(options),
                        field.has_value ? in_body(field.value) : std::string_view{}});
    }
    return form;
}

std::string_view form_value(const Form& form, std::string_view key) {
    for (const FormField& field : form) {
        if (field.key == key) return field.value;
    }
    return {};
}

bool is_form(std::string_view content_type, std::string_view body) {
    return content_type.starts_with("application/x-www-form-urlencoded") && !body.starts_with('{');
}

}  // namespace decklog::ingest
