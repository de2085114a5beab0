#include "api/exporting/exporter.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/event_json.hpp"
#include "api/personal_data/asked_for.hpp"
#include "api/queries/limits.hpp"
#include "domain/base64.hpp"
#include "domain/cursor.hpp"
#include "domain/time_text.hpp"
#include "store/frame/frame.hpp"
#include "store/import/export_line.hpp"
#include "store/log.hpp"
#include "store/query/match_walk.hpp"

namespace decklog::api {
namespace {

/// Lines gathered into pieces. While nothing is written for a while an empty line goes out: a
/// reader that has left is noticed by it, and holds up no stop.
class Lines {
  public:
    explicit Lines(const PieceSink& sink) : sink_(&sink) {}
    bool add(std::string_view line) {
        piece_.append(line).append("\n");
        return piece_.size() < limits::kJobPieceBytes || flush();
    }
    bool flush() {
        if (piece_.empty()) return true;
        quiet_until_ = Clock::now() + limits::kExportQuiet;
        return (*sink_)(std::exchange(piece_, {}));
    }
    bool breathe() {
        if (Clock::now() < quiet_until_) return true;
        if (piece_.empty()) piece_.push_back('\n');
        return flush();
    }

  private:
    using Clock = std::chrono::steady_clock;
    const PieceSink* sink_;
    std::string piece_;
    Clock::time_point quiet_until_ = Clock::now() + limits::kExportQuiet;
};

/// An event and, with the first of its commit, the commit's frame.
std::string framed(std::string event, const store::Frame& frame) {
    event.pop_back();
    event += ",\"frame\":\"";
    domain::append_base64(event, frame.bytes());
    event += "\"}";
    return event;
}

/// Partition 0 last: where a workspace lives stands there before the workspace's first event.
std::vector<store::Head> heads_of(const store::LogReader& log) {
    std::vector<store::Head> heads(log.partitions());
    for (std::uint32_t partition = log.partitions(); partition-- > 0;)
        heads[partition] = log.head(partition);
    return heads;
}

std::uint64_t events_in(const std::vector<store::Head>& heads) {
    std::uint64_t events = 0;
    for (const store::Head& head : heads) events += head.next_ordinal;
    return events;
}

/// Without the bounds that only name a partition: what is asked for is everything then.
std::vector<store::EventFilter> bare(std::vector<store::EventFilter> filters) {
    for (std::size_t partition = 1; partition < filters.size(); ++partition) {
        auto& from = filters[partition].from;
        if (from && from->ordinal == 0) from.reset();
    }
    return filters;
}

class Export {
  public:
    Export(const Core& core, const ExportOrder& order, const PieceSink& sink)
        : core_(core),
          order_(order),
          heads_(heads_of(*core.ledger)),
          ledger_(core.ledger->ledger_id()),
          filters_(bare(order.filters)),
          is_full_(std::all_of(filters_.begin(), filters_.end(), store::is_everything)),
          lines_(sink) {}

    void run() {
        if (!lines_.add(first_line())) return;
        const auto refusal = open_parts();
        if (!refusal) return;
        if (*refusal) return fail(**refusal);
        const Opener opener(*core_.vault, order_.opens_sealed);
        const auto written = walk([&](const store::FramePtr& frame, std::uint32_t index) {
            ++events_;
            std::string line = event_json(frame->event(index), ledger_, opener);
            return lines_.add(is_full_ && index == 0 ? framed(std::move(line), *frame) : line);
        });
        if (written && *written && lines_.add(last_line())) static_cast<void>(lines_.flush());
    }

  private:
    [[nodiscard]] std::string first_line() const {
        JsonWriter json;
        json.begin_object().field("export", "begin").key("format").number(format());
        json.key("full").boolean(is_full_).field("ledger", domain::to_hex(ledger_.bytes));
        if (is_full_) json.key("events").number(events_in(heads_));
        json.key("asOf").begin_object();
        write_place(json);
        json.end_object();
        if (heads_.size() > 1) {
            write_partitions(json);
        } else {
            json.field("chain", domain::to_hex(heads_.front().chain));
        }
        return json.end_object().take();
    }
    [[nodiscard]] std::uint64_t format() const {
        return heads_.size() > 1 ? store::kExportFormatOfSeveral : store::kExportFormat;
    }
    /// Of the whole ledger.
    void write_place(JsonWriter& json) const {
        domain::Positions place;
        std::int64_t newest_us = 0;
        for (std::uint32_t partition = 0; partition < heads_.size(); ++partition) {
            place.push_back({partition, heads_[partition].next_ordinal - 1});
            newest_us = std::max(newest_us, heads_[partition].recorded_at_us);
        }
        json.field("position", domain::to_cursor(ledger_, place));
        json.field("time", domain::to_rfc3339(newest_us));
    }
    void write_as_of(JsonWriter& json, std::uint32_t partition) const {
        const store::Head& head = heads_[partition];
        json.field("position", domain::to_cursor(ledger_, {partition, head.next_ordinal - 1}));
        json.field("time", domain::to_rfc3339(head.recorded_at_us));
    }
    void write_partitions(JsonWriter& json) const {
        json.key("partitions").begin_array();
        for (std::uint32_t partition = 0; partition < heads_.size(); ++partition) {
            json.begin_object().key("partition").number(partition);
            json.key("events").number(heads_[partition].next_ordinal);
            write_as_of(json, partition);
            json.field("chain", domain::to_hex(heads_[partition].chain)).end_object();
        }
        json.end_array();
    }
    [[nodiscard]] std::string last_line() const {
        JsonWriter json;
        json.begin_object().field("export", "end").key("events").number(events_);
        return json.key("opened").number(opened_).end_object().take();
    }
    void fail(const domain::Rejection& why) {
        JsonWriter json;
        json.begin_object().field("export", "failed").field("error", why.code);
        json.field("message", why.message).end_object();
        if (lines_.add(json.take())) static_cast<void>(lines_.flush());
    }

    /// nullopt: it has failed and said so, or nobody reads any more.
    std::optional<bool> walk(const store::EventVisit& visit) {
        domain::Result<bool> walked = true;
        for (std::uint32_t partition = 0; partition < heads_.size() && walked && *walked;
             ++partition) {
            walked = store::walk_matches(*core_.ledger, filters_.at(partition),
                                         {partition, heads_[partition].next_ordinal}, visit,
                                         [this](auto) { return lines_.breathe(); });
        }
        if (walked) return *walked ? std::optional(true) : std::nullopt;
        store::log_error("http", {}, "an export ended: {}", walked.error().context);
        fail({"internal_error", "the log cannot be read on; the server's log says where", {}, {}});
        return std::nullopt;
    }

    /// Counts what will be opened and records it. The log up to `heads_` does not change and keys
    /// only ever go, so no more than this will be. nullopt: stop here.
    std::optional<std::optional<domain::Rejection>> open_parts() {
        using Refusal = std::optional<domain::Rejection>;
        if (!order_.opens_sealed) return Refusal{};
        const Opener opener(*core_.vault, true);
        AskedFor asked(filters_.front());
        const auto counted = walk([&](const store::FramePtr& frame, std::uint32_t index) {
            const domain::EventView event = frame->event(index);
            if (!opener.open(event).is_opened()) return true;
            ++opened_;
            asked.note(event);
            return true;
        });
        if (!counted) return std::nullopt;
        const std::string filter = asked.text();
        return record_reading(core_, order_.reader, filter.empty() ? "export" : "export " + filter,
                              opened_);
    }

    const Core& core_;
    const ExportOrder& order_;
    const std::vector<store::Head> heads_;  // by partition
    const domain::LedgerId ledger_;
    const std::vector<store::EventFilter> filters_;  // by partition
    const bool is_full_;
    Lines lines_;
    std::uint64_t events_ = 0;
    std::uint64_t opened_ = 0;
};

}  // namespace

std::function<void(const PieceSink&)> export_log(const Core& core, ExportOrder order) {
    return [&core, order = std::move(order)](const PieceSink& sink) {
        Export(core, order, sink).run();
    };
}

}  // namespace decklog::api
