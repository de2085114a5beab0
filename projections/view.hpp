// What a view is: a named, versioned, pure fold. The engine applies events to a Fold in log order
// and finishes it into rows batch by batch; how the log was cut into batches, and when a new Fold
// began, must not show in the rows. A fold never opens a sealed part and knows no clock, no floats,
// no hash-map order (design §5).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "domain/event.hpp"
#include "domain/registry.hpp"
#include "projections/rows.hpp"

namespace decklog::projections {

/// A poison event: its key is parked, the rest of the view goes on. A fold names key and reason;
/// the engine counts.
struct Parked {
    std::string key;  // the row key or group that is now incomplete
    std::string reason;
    std::uint64_t ordinal = 0;  // of the first event that is missing
    std::uint64_t events = 1;   // that are missing
};

class Fold {
  public:
    virtual ~Fold() = default;
    /// Accumulates one event; its bytes are gone after the call. Parked: it could not be folded for
    /// reasons in its bytes.
    [[nodiscard]] virtual std::optional<Parked> apply(const domain::EventView& event) = 0;
    /// Writes what was applied since the fold began or last finished. It may then go on with the
    /// next batch, once the rows that it reads hold what it wrote; what it remembers of them saves
    /// reading them again.
    virtual void finish(RowWriter& rows) = 0;
};

class View {
  public:
    virtual ~View() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;  // "audit"
    [[nodiscard]] virtual std::uint32_t logic_version() const = 0;
    /// Hash of the rows that this build's fold makes of the golden log
    /// (tests/projections/fingerprint_test.cpp prints it). Rows stored under another fingerprint
    /// came from other logic: they are folded again, never continued.
    [[nodiscard]] virtual std::uint64_t fingerprint() const = 0;
    /// Families whose unknown types or schema versions stop this view.
    [[nodiscard]] virtual std::span<const domain::Family> families() const = 0;
    /// `rows` is the state before each batch and outlives the fold. The fold sees every event of
    /// the batch, those of other families too, and passes over what it does not know there.
    [[nodiscard]] virtual std::unique_ptr<Fold> begin(const RowReader& rows) const = 0;
    /// The whole view as JSON rows for `decklog replay`, one object a row, in key order; what
    /// it names by position stands in `partition`. Sealed parts as `{"sealed": base64}` under a key
    /// ending in `Sealed`: the edge opens or hides them.
    virtual void print(const RowReader& rows, std::uint32_t partition,
                       const std::function<bool(boost::json::object)>& sink) const = 0;
};

/// Every view of this build, in a fixed order. One name may stand here in several logic versions:
/// the first of them is what a new `views/` begins with, a later one takes over when an operator
/// accepts its differences (`decklog rebuild --accept`).
[[nodiscard]] std::span<const View* const> all_views();
/// The first version by this name.
[[nodiscard]] const View* find_view(std::string_view name);

}  // namespace decklog::projections
