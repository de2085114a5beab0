// Structured log lines: JSON with ts, level, logger, msg, trace (contract §2 of the log format,
// docs/runbook.md). Callers pass facts, never secrets, bodies or query strings. Thread-safe.
#pragma once

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

#include "domain/ids.hpp"

namespace decklog::store {

/// Sends all loggers to stderr as JSON lines at `level` (trace, debug, info, warn, error, off).
/// Call once, first in main. `count` is called once a line with its level name, for the metric; it
/// may be empty.
void configure_logging(std::string_view level, void (*count)(std::string_view level_name));

void write_log(spdlog::level::level_enum level, std::string_view logger,
               const domain::TraceId& trace, std::string_view message);

template <class... Args>
void log_info(std::string_view logger, const domain::TraceId& trace,
              fmt::format_string<Args...> format, Args&&... args) {
    write_log(spdlog::level::info, logger, trace, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_warn(std::string_view logger, const domain::TraceId& trace,
              fmt::format_string<Args...> format, Args&&... args) {
    write_log(spdlog::level::warn, logger, trace, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(std::string_view logger, const domain::TraceId& trace,
               fmt::format_string<Args...> format, Args&&... args) {
    write_log(spdlog::level::err, logger, trace, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace decklog::store
