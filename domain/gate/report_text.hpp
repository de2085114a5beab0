// An explanation for people: as text for a terminal (lines of at most 100 columns) and as Markdown
// for evidence. The same report gives the same bytes. Pure, any thread.
#pragma once

#include <string>

#include "domain/gate/explain.hpp"

namespace decklog::domain::gate {

[[nodiscard]] std::string report_text(const Report& report);
[[nodiscard]] std::string report_markdown(const Report& report);

/// `3 more clean checks would promote`; empty when no number is known to.
[[nodiscard]] std::string promotion_forecast(const Report& report);

[[nodiscard]] std::string_view to_text(Stage stage);

}  // namespace decklog::domain::gate
