// One sink for all loggers: a line is one JSON object, written and flushed whole. Nothing in here
// throws: a log line that cannot be written is lost, the work it tells about goes on.
#include "store/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>

#include "domain/time_text.hpp"
#include "store/json/json_string.hpp"

namespace decklog::store {
namespace {

using LevelCounter = void (*)(std::string_view level_name);

// spdlog's message has no place for the trace; it formats on the calling thread, so the trace
// travels beside it.
thread_local const domain::TraceId* line_trace = nullptr;

std::string_view level_name(spdlog::level::level_enum level) {
    switch (level) {
        case spdlog::level::trace:
            return "trace";
        case spdlog::level::debug:
            return "debug";
        case spdlog::level::info:
            return "info";
        case spdlog::level::warn:
            return "warn";
        case spdlog::level::err:
        case spdlog::level::critical:
            return "error";
        case spdlog::level::off:
        case spdlog::level::n_levels:
            break;
    }
    return "off";
}

spdlog::level::level_enum level_from_name(std::string_view name) {
    for (const auto level : {spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                             spdlog::level::warn, spdlog::level::err, spdlog::level::off}) {
        if (level_name(level) == name) return level;
    }
    return spdlog::level::info;
}

std::string json_line(const spdlog::details::log_msg& message) {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    const auto since_epoch = duration_cast<microseconds>(message.time.time_since_epoch());
    std::string line = R"({"ts":")";
    line += domain::to_rfc3339(since_epoch.count());
    line += R"(","level":")";
    line += level_name(message.level);
    line += R"(","logger":)";
    append_json_string(line, {message.logger_name.data(), message.logger_name.size()});
    line += R"(,"msg":)";
    append_json_string(line, {message.payload.data(), message.payload.size()});
    if (line_trace != nullptr && !line_trace->is_zero()) {
        line += R"(,"trace":")";
        line += domain::to_text(*line_trace);
        line += '"';
    }
    line += "}\n";
    return line;
}

class JsonLinesOnStderr final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    void count_with(LevelCounter count) { count_ = count; }

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        const std::string line = json_line(message);
        std::fwrite(line.data(), 1, line.size(), stderr);
        if (const LevelCounter count = count_) count(level_name(message.level));
    }
    void flush_() override { std::fflush(stderr); }

    std::atomic<LevelCounter> count_ = nullptr;
};

/// Every logger by name, over the one sink. Thread-safe.
class Loggers {
  public:
    void configure(spdlog::level::level_enum level, LevelCounter count) {
        const std::lock_guard lock(mutex_);
        level_ = level;
        sink_->count_with(count);
        for (const auto& [name, logger] : by_name_) logger->set_level(level);
    }

    std::shared_ptr<spdlog::logger> named(std::string_view name) {
        const std::lock_guard lock(mutex_);
        if (const auto known = by_name_.find(name); known != by_name_.end()) return known->second;
        auto logger = std::make_shared<spdlog::logger>(std::string(name), sink_);
        logger->set_level(level_);
        logger->flush_on(spdlog::level::trace);
        // spdlog would print its own complaint, which is no JSON, to the same stream.
        logger->set_error_handler([](const std::string&) {});
        return by_name_.emplace(std::string(name), std::move(logger)).first->second;
    }

  private:
    std::mutex mutex_;
    spdlog::level::level_enum level_ = spdlog::level::info;
    std::shared_ptr<JsonLinesOnStderr> sink_ = std::make_shared<JsonLinesOnStderr>();
    std::map<std::string, std::shared_ptr<spdlog::logger>, std::less<>> by_name_;
};

Loggers& loggers() {
    // Never destroyed: threads that outlive main's statics may still have something to say.
    static Loggers& instance = *std::make_unique<Loggers>().release();
    return instance;
}

}  // namespace

void configure_logging(std::string_view level, LevelCounter count) {
    loggers().configure(level_from_name(level), count);
}

void write_log(spdlog::level::level_enum level, std::string_view logger,
               const domain::TraceId& trace, std::string_view message) {
    try {
        const auto target = loggers().named(logger);
        line_trace = &trace;
        target->log(level, spdlog::string_view_t(message.data(), message.size()));
        line_trace = nullptr;
    } catch (...) {
        line_trace = nullptr;
    }
}

}  // namespace decklog::store
