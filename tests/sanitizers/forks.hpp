// For tests that fork and open a database in the child: the thread sanitizer does not follow them
// there.
#pragma once

#include <gtest/gtest.h>

#if defined(__SANITIZE_THREAD__)
#define DECKLOG_NEEDS_FORKS() \
    GTEST_SKIP() << "the thread sanitizer does not follow a fork that starts threads"
#else
#define DECKLOG_NEEDS_FORKS() static_cast<void>(0)
#endif
