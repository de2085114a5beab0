// What an export was asked for, as the record of it may say.
#pragma once

#include <string>

#include "domain/event.hpp"
#include "store/query/event_query.hpp"

namespace decklog::api {

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
