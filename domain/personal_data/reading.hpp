// That sealed parts were opened in bulk, as a fact: who asked, what for, and how many. Written
// before they are handed out, so the count may be higher than what was read, never lower. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "domain/decider.hpp"

namespace decklog::domain {

struct ReadPersonalData {
    std::string by;      // the authenticated principal
    Actor actor{};       // the same as who acts, for the audit views
    std::string filter;  // what was asked for; native ids stand as subject ids
    std::uint64_t count = 0;
    std::int64_t now_us = 0;
    TraceId trace_id{};
};

/// Stream `personal-data/reads`. Rejections: those of a fact.
[[nodiscard]] Intent read_personal_data(const ReadPersonalData& command);

}  // namespace decklog::domain
