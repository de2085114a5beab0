#include <array>

#include "projections/audit/audit_view.hpp"
#include "projections/baselines/baselines_view.hpp"
#include "projections/view.hpp"

namespace decklog::projections {

std::span<const View* const> all_views() { return {}; }

const View* find_view(std::string_view name) {
    for (const View* view : all_views()) {
        if (view->name() == name) return view;
    }
    return nullptr;
}

}  // namespace decklog::projections
