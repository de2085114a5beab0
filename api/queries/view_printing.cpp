#include "api/queries/view_printing.hpp"

#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/answers.hpp"
#include "api/queries/limits.hpp"
#include "api/queries/snapshots.hpp"

namespace decklog::api {
namespace {

/// Gathers small pieces into larger ones.
class Pieces {
  public:
    explicit Pieces(const PieceSink& sink) : sink_(&sink) {}
    bool add(std::string_view text) {
        piece_ += text;
        return piece_.size() < limits::kJobPieceBytes || flush();
    }
    bool flush() { return piece_.empty() || (*sink_)(std::exchange(piece_, {})); }

  private:
    const PieceSink* sink_;
    std::string piece_;
};

/// `"parked"?, "asOf"` without the braces around them.
void write_end(JsonWriter& json, const Core& core, const projections::Replayed& folded) {
    write_parked(json, core, folded.parked);
    write_as_of(json, core, folded.next_ordinal);
    json.end_object();
}

struct Printing {
    const Core& core;
    const projections::View& view;
    const projections::Replayed& folded;

    /// Rows, each between `before` and `after`; the first without `before`.
    bool rows(Pieces& pieces, std::string_view before, std::string_view after) const {
        bool first = true;
        bool reading = true;
        view.print(folded.rows, [&](const boost::json::object& row) {
            const std::string text = boost::json::serialize(row);
            reading = (std::exchange(first, false) || pieces.add(before)) && pieces.add(text) &&
                      pieces.add(after);
            return reading;
        });
        return reading;
    }

    void lines(Pieces& pieces) const {
        if (!rows(pieces, {}, "\n")) return;
        JsonWriter end;
        end.begin_object().field("view", view.name());
        write_end(end, core, folded);
        if (pieces.add(end.take() + "\n")) static_cast<void>(pieces.flush());
    }

    void document(Pieces& pieces) const {
        JsonWriter begin;
        begin.begin_object().field("view", view.name()).key("items").begin_array();
        if (!pieces.add(begin.take()) || !rows(pieces, ",", {})) return;
        JsonWriter end;
        end.begin_object().key("next").null();
        write_end(end, core, folded);
        const std::string ended = end.take();
        // The document's own brace is open already.
        if (pieces.add("]," + ended.substr(1))) static_cast<void>(pieces.flush());
    }
};

}  // namespace

std::function<void(const PieceSink&)> print_view(
    const Core& core, const projections::View& view,
    std::shared_ptr<const projections::Replayed> folded, RowsFormat format) {
    return [&core, &view, folded = std::move(folded), format](const PieceSink& sink) {
        Pieces pieces(sink);
        const Printing printing{core, view, *folded};
        format == RowsFormat::lines ? printing.lines(pieces) : printing.document(pieces);
    };
}

}  // namespace decklog::api
