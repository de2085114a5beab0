#include <array>

#include "projections/audit/audit_view.hpp"
#include "projections/baselines/baselines_view.hpp"
#include "projections/platforms/platforms_view.hpp"
#include "projections/rollouts/rollouts_view.hpp"
#include "projections/rooms/rooms_view.hpp"
#include "projections/view.hpp"

namespace decklog::projections {

std::span<const View* const> all_views() {
    static const std::array views = {&rooms_view(), &audit_view(), &baselines_view(),
                                     &platforms_view(), &rollouts_view()};
    return views;
}

const View* find_view(std::string_view name) {
    for (const View* view : all_views()) {
        if (view->name() == name) return view;
    }
    return nullptr;
}

}  // namespace decklog::projections
