// Opening sealed parts in bulk is itself recorded (design §4): an export counts what it would open,
// commits PersonalDataRead, and only then hands it out. (A replay opens nothing: views hold
// positions of what is sealed.) A ledger that cannot write hands
// out nothing opened. Any thread that may block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/app.hpp"
#include "api/http.hpp"
#include "domain/result.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

/// Who asks, as part of which request.
struct PersonalReader {
    Principal principal;
    domain::TraceId trace{};
};

/// nullopt: `count` sealed parts may be opened now (none are: nothing is recorded). Else why not.
[[nodiscard]] std::optional<domain::Rejection> record_reading(const Core& core,
                                                              const PersonalReader& reader,
                                                              std::string filter,
                                                              std::uint64_t count);

/// A filter as PersonalDataRead may keep it for ever: `actor=p_…&since=…`. What people typed may
/// name somebody whom nobody here knows (any more), so of every kind only values are written that
/// an opened event bears; they stand in the log already. One thread at a time.
class AskedFor {
  public:
    explicit AskedFor(const store::EventFilter& filter) : filter_(&filter) {}
    /// An event whose sealed part is opened.
    void note(const domain::EventView& event);
    [[nodiscard]] std::string text() const;

  private:
    const store::EventFilter* filter_;
    store::EventFilter met_;
};

}  // namespace decklog::api
