#include "api/queries/view_printing.hpp"

#include <sodium.h>

#include <string>
#include <utility>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/answers.hpp"
#include "api/queries/limits.hpp"
#include "api/queries/snapshots.hpp"

namespace decklog::api {
namespace {

constexpr std::string_view kSealedEnding = "Sealed";

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

domain::Bytes from_base64(boost::json::string_view text) {
    domain::Bytes bytes(text.size());
    std::size_t size = 0;
    if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                          nullptr, sodium_base64_VARIANT_ORIGINAL) != 0) {
        size = 0;
    }
    bytes.resize(size);
    return bytes;
}

void write_value(JsonWriter& json, const boost::json::value& value, const Opener& opener);

/// The sealed bytes under a key that says so; null when the member is an ordinary one.
const boost::json::string* sealed_text(std::string_view key, const boost::json::value& value) {
    if (!key.ends_with(kSealedEnding) || !value.is_object()) return nullptr;
    const auto* sealed = value.get_object().if_contains("sealed");
    return sealed == nullptr ? nullptr : sealed->if_string();
}

void write_object(JsonWriter& json, const boost::json::object& object, const Opener& opener) {
    json.begin_object();
    for (const auto& member : object) {
        const std::string_view key(member.key().data(), member.key().size());
        if (const auto* sealed = sealed_text(key, member.value())) {
            json.key(key.substr(0, key.size() - kSealedEnding.size()));
            write_personal(json, opener.open(from_base64(*sealed)));
        } else {
            json.key(key);
            write_value(json, member.value(), opener);
        }
    }
    json.end_object();
}

void write_value(JsonWriter& json, const boost::json::value& value, const Opener& opener) {
    if (const auto* object = value.if_object()) {
        write_object(json, *object, opener);
    } else if (const auto* array = value.if_array()) {
        json.begin_array();
        for (const auto& item : *array) write_value(json, item, opener);
        json.end_array();
    } else {
        json.value(value);
    }
}

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
    const Opener& opener;

    /// Rows, each between `before` and `after`; the first without `before`.
    bool rows(Pieces& pieces, std::string_view before, std::string_view after) const {
        bool first = true;
        bool reading = true;
        view.print(folded.rows, [&](const boost::json::object& row) {
            JsonWriter json;
            write_row(json, row, opener);
            const std::string text = json.take();
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

void write_row(JsonWriter& json, const boost::json::object& row, const Opener& opener) {
    write_object(json, row, opener);
}

std::function<void(const PieceSink&)> print_view(
    const Core& core, const projections::View& view,
    std::shared_ptr<const projections::Replayed> folded, Opener opener, RowsFormat format) {
    return [&core, &view, folded = std::move(folded), opener, format](const PieceSink& sink) {
        Pieces pieces(sink);
        const Printing printing{core, view, *folded, opener};
        format == RowsFormat::lines ? printing.lines(pieces) : printing.document(pieces);
    };
}

}  // namespace decklog::api
