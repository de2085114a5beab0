// CHECK: a bug stops the process, always, in every build. Never for input or for bytes read from
// disk.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace decklog::domain {
[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "CHECK failed: %s at %s:%d\n", condition, file, line);
    std::abort();
}
}  // namespace decklog::domain

#define DECKLOG_CHECK(condition)        \
    ((condition) ? static_cast<void>(0) \
                 : ::decklog::domain::check_failed(#condition, __FILE__, __LINE__))
