#include "ingest/form.hpp"

#include <boost/url/parse_query.hpp>

namespace decklog::ingest {

std::optional<Form> parse_form(std::string_view body) {
    const auto query = boost::urls::parse_query(body);
    if (query.has_error()) return std::nullopt;
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    Form form;
    for (const boost::urls::param_pct_view field : *query) {
        form.push_back({field.key.decode(options), field.value.decode(options),
                        std::string_view{field.value.data(), field.value.size()}});
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
