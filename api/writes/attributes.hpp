// The attributes of a CloudEvent, by name, with the rules of the API. The first rejection is kept.
// One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/writes/cloud_event.hpp"
#include "domain/event.hpp"
#include "domain/result.hpp"
#include "store/ledger.hpp"

namespace decklog::api {

class Attributes {
  public:
    /// The event outlives the attributes.
    explicit Attributes(const CloudEvent& event) : event_(&event) {}

    [[nodiscard]] std::string_view text(std::string_view name) const;
    /// Absent and empty are empty; else an outside id.
    [[nodiscard]] std::string id(std::string_view name);
    [[nodiscard]] std::string required_id(std::string_view name);
    [[nodiscard]] std::string name(std::string_view name);
    [[nodiscard]] domain::Cohort cohort(std::string_view name);
    /// `time`, at most five minutes ahead; absent: now.
    [[nodiscard]] std::int64_t time_us(std::int64_t now_us);
    /// `expectedversion`: any, none, exists or a number; any when absent.
    [[nodiscard]] store::ExpectedVersion expected_version();
    /// The trace id of `traceparent`; a malformed one is ignored, as W3C Trace Context asks.
    [[nodiscard]] std::optional<domain::TraceId> trace() const;

    void refuse(std::optional<domain::Rejection> rejection);
    [[nodiscard]] const std::optional<domain::Rejection>& refusal() const { return refusal_; }

  private:
    const CloudEvent* event_;
    std::optional<domain::Rejection> refusal_;
};

}  // namespace decklog::api
