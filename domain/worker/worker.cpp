#include "domain/worker/worker.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "domain/limits.hpp"
#include "domain/payload.hpp"
#include "domain/stream_name.hpp"
#include "domain/text.hpp"

namespace decklog::domain {
namespace {

std::string text(const flatbuffers::String* field) {
    return field == nullptr ? std::string{} : field->str();
}

std::optional<Rejection> refusal_of(std::string_view name, const char* field) {
    if (is_name(name)) return std::nullopt;
    return Rejection{"invalid_name",
                     "begins with a letter or digit, then up to 127 more of these and ._:-", field,
                     static_cast<std::int64_t>(limits::kNameBytesMax)};
}

bool is_another_size(std::uint64_t depth, std::uint64_t last) {
    constexpr std::uint64_t kItems = 10;
    const auto [less, more] = std::minmax(depth, last);
    return more - less >= kItems && more / 2 >= less;
}

}  // namespace

bool is_news(const WorkerReport& report, const WorkerReport& last, std::int64_t last_at_us,
             std::int64_t now_us) {
    const std::int64_t every_us = is_another_size(report.queue_depth, last.queue_depth)
                                      ? kWorkerQueueReportEveryUs
                                      : kWorkerReportEveryUs;
    return report.release != last.release || report.provider != last.provider ||
           report.runtime != last.runtime || report.error_hash != last.error_hash ||
           now_us - last_at_us >= every_us;
}

Decision<NewEvent> worker_reported(const WorkerReport& report, NewEvent envelope) {
    const std::pair<const std::string&, const char*> names[] = {{report.worker, "worker"},
                                                                {report.release, "release"},
                                                                {report.provider, "provider"},
                                                                {report.runtime, "runtime"}};
    for (const auto& [name, field] : names) {
        if (auto refusal = refusal_of(name, field)) return tl::unexpected(std::move(*refusal));
    }
    fb::WorkerReportedT payload;
    payload.worker = report.worker;
    payload.provider = report.provider;
    payload.runtime = report.runtime;
    payload.queue_depth = report.queue_depth;
    payload.has_error = report.error_hash.has_value();
    if (report.error_hash) {
        payload.error_hash = std::make_unique<fb::Key16>();
        std::copy(report.error_hash->begin(), report.error_hash->end(),
                  reinterpret_cast<std::uint8_t*>(payload.error_hash.get()));
    }
    envelope.type = EventType::worker_reported;
    envelope.stream = worker_stream(report.worker);
    envelope.release = report.release;
    envelope.payload = encode_payload(payload);
    return envelope;
}

std::optional<WorkerReport> worker_report_in(const EventView& event) {
    if (!event.is(EventType::worker_reported)) return std::nullopt;
    const auto* payload = event.payload_as<fb::WorkerReported>();
    if (payload == nullptr) return std::nullopt;
    WorkerReport report;
    report.worker = text(payload->worker());
    report.release = event.release();
    report.provider = text(payload->provider());
    report.runtime = text(payload->runtime());
    report.queue_depth = payload->queue_depth();
    if (payload->has_error()) {
        report.error_hash.emplace();
        if (payload->error_hash() != nullptr) {
            std::copy_n(reinterpret_cast<const std::uint8_t*>(payload->error_hash()),
                        report.error_hash->size(), report.error_hash->begin());
        }
    }
    return report;
}

}  // namespace decklog::domain
