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

struct Printing {
    const Core& core;
    std::string_view view;
    const std::vector<FoldedView>& partitions;

    /// Rows, each between `before` and `after`; the first without `before`.
    bool rows(Pieces& pieces, std::string_view before, std::string_view after) const {
        bool first = true;
        bool reading = true;
        for (const FoldedView& one : partitions) {
            if (!reading) break;
            const std::uint32_t partition = one.folded.partition;
            one.logic->print(one.folded.rows, partition, [&](boost::json::object row) {
                if (partitions.size() > 1) row.emplace("partition", partition);
                const std::string text = boost::json::serialize(row);
                reading = (std::exchange(first, false) || pieces.add(before)) && pieces.add(text) &&
                          pieces.add(after);
                return reading;
            });
        }
        return reading;
    }

    /// `"parked"?, "asOf"`, and closes the object.
    void write_end(JsonWriter& json) const {
        std::vector<ParkedKey> parked;
        std::vector<std::uint64_t> next;
        for (const FoldedView& one : partitions) {
            for (const projections::Parked& key : one.folded.parked)
                parked.push_back({one.folded.partition, key});
            next.push_back(one.folded.next_ordinal);
        }
        write_parked(json, core, parked);
        write_as_of(json, core, next);
        json.end_object();
    }

    void lines(Pieces& pieces) const {
        if (!rows(pieces, {}, "\n")) return;
        JsonWriter end;
        end.begin_object().field("view", view);
        write_end(end);
        if (pieces.add(end.take() + "\n")) static_cast<void>(pieces.flush());
    }

    void document(Pieces& pieces) const {
        JsonWriter begin;
        begin.begin_object().field("view", view).key("items").begin_array();
        if (!pieces.add(begin.take()) || !rows(pieces, ",", {})) return;
        JsonWriter end;
        end.begin_object().key("next").null();
        write_end(end);
        const std::string ended = end.take();
        // The document's own brace is open already.
        if (pieces.add("]," + ended.substr(1))) static_cast<void>(pieces.flush());
    }
};

}  // namespace

void print_view(const Core& core, std::string_view view, const std::vector<FoldedView>& partitions,
                RowsFormat format, const PieceSink& sink) {
    Pieces pieces(sink);
    const Printing printing{core, view, partitions};
    format == RowsFormat::lines ? printing.lines(pieces) : printing.document(pieces);
}

}  // namespace decklog::api
