// Lines into a ledger that has a history of its own, a few thousand a request.
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdio>
#include <utility>

#include "tools/decklog/importing.hpp"
#include "tools/decklog/limits.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

struct RefusedLine {
    std::uint64_t line = 0;
    std::string error, field, limit;
};

struct Totals {
    std::uint64_t accepted = 0, repeated = 0, refused = 0;
    std::vector<RefusedLine> first;  // at most kRefusalsShown
    std::uint64_t stopped_at = 0;    // the first line that was not taken; 0: all were gone through
    std::uint64_t not_taken = 0;     // from there on, as far as the lines can be counted
    void refuse(RefusedLine line) {
        ++refused;
        if (first.size() < kRefusalsShown) first.push_back(std::move(line));
    }
};

/// Codes that say nothing of the line: the ledger took no more.
constexpr std::array<std::string_view, 9> kTrouble{
    "queue_full", "disk_low",          "clock_refused", "read_only",   "outcome_unknown",
    "stopping",   "vault_unavailable", "not_owner",     "ledger_moved"};

constexpr std::pair<std::string_view, std::string_view> kHints[] = {
    {"sealed_data", "its sealed part was not exported; export with --personal"},
    {"erased_data", "whom it is about was forgotten"},
    {"reserved_type", "only decklog itself writes such an event"},
    {"reserved_stream", "only decklog itself writes to such a stream"},
    {"not_an_event", "neither a CloudEvent nor an event of an export"},
    {"line_too_long", "a line holds at most 256 KiB"},
    {"idempotency_conflict", "its id was used before with another content"},
};

std::string shown(const RefusedLine& refused) {
    std::string text = "line " + std::to_string(refused.line) + ": " + refused.error;
    std::string more = refused.field.empty() ? "" : "field " + refused.field;
    if (!refused.limit.empty()) more += (more.empty() ? "limit " : ", limit ") + refused.limit;
    if (!more.empty()) text += " (" + more + ")";
    for (const auto& [code, hint] : kHints) {
        if (code == refused.error) text.append(": ").append(hint);
    }
    return printable(text);
}

std::uint64_t number(const boost::json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    boost::system::error_code error;
    return value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
}

/// The lines of one request.
class Batch {
  public:
    void add(store::NumberedLine line) {
        body_.append(line.text).append("\n");
        numbers_.push_back(line.number);
    }
    [[nodiscard]] bool is_full() const {
        return numbers_.size() + too_long_.size() >= kImportBatchLines ||
               body_.size() >= kImportBatchBytes;
    }
    /// A line that is not sent takes its place among the refusals.
    void add_too_long(std::uint64_t number) {
        too_long_.push_back({number, "line_too_long", {}, std::to_string(kOutsideLineBytesMax)});
    }
    [[nodiscard]] bool empty() const { return numbers_.empty() && too_long_.empty(); }

    /// False: nothing more goes in, and why is printed.
    bool send(Session& session, Backend& backend, Totals& totals) {
        if (numbers_.empty()) {
            settle({}, totals);
            return true;
        }
        const Call call{.method = "POST",
                        .path = "/api/import",
                        .body = std::exchange(body_, {}),
                        .content_type = "application/x-ndjson"};
        Response response;
        if (!session.ask(backend, call, nullptr, response)) {
            stop_at(0, {}, totals);
            return false;
        }
        boost::system::error_code error;
        const auto value = boost::json::parse(response.body, error);
        if (error || !value.is_object()) {
            session.fail(kFailed, "the server's answer is not JSON");
            stop_at(0, {}, totals);
            return false;
        }
        return take(session, value.get_object(), totals);
    }

    /// Nothing of it goes in: the file cannot be read any further.
    void give_up(Totals& totals) {
        if (numbers_.empty()) return settle({}, totals);
        stop_at(0, {}, totals);
    }

  private:
    /// Every line was gone through.
    void settle(std::vector<RefusedLine> refused, Totals& totals) {
        refused.insert(refused.end(), too_long_.begin(), too_long_.end());
        std::sort(refused.begin(), refused.end(),
                  [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
        for (RefusedLine& line : refused) totals.refuse(std::move(line));
        too_long_.clear();
        numbers_.clear();
    }

    /// The lines before the one of this index were gone through; it and what follows was not taken.
    void stop_at(std::size_t index, std::vector<RefusedLine> refused, Totals& totals) {
        totals.stopped_at = numbers_[index];
        const auto behind =
            std::find_if(too_long_.begin(), too_long_.end(),
                         [&](const RefusedLine& line) { return line.line > totals.stopped_at; });
        totals.not_taken =
            numbers_.size() - index + static_cast<std::size_t>(too_long_.end() - behind);
        too_long_.erase(behind, too_long_.end());
        settle(std::move(refused), totals);
    }

    bool take(Session& session, const boost::json::object& answer, Totals& totals) {
        totals.accepted += number(answer, "accepted");
        totals.repeated += number(answer, "repeated");
        const std::uint64_t all_refused = number(answer, "refused");
        std::vector<RefusedLine> refusals;
        const auto* results = answer.if_contains("results");
        const bool has_results = results != nullptr && results->is_array();
        for (const auto& item : has_results ? results->get_array() : boost::json::array()) {
            if (!item.is_object()) continue;
            const auto& result = item.get_object();
            const std::uint64_t index = number(result, "index");
            if (index >= numbers_.size()) continue;
            RefusedLine refused{numbers_[index], text_of(result, "error"), text_of(result, "field"),
                                text_of(result, "limit")};
            const bool trouble =
                std::find(kTrouble.begin(), kTrouble.end(), refused.error) != kTrouble.end();
            if (trouble) {
                session.fail(kFailed, "the ledger takes no more: " + refused.error);
                // What stands behind it is counted as refused, but nobody looked at it.
                stop_at(index, std::move(refusals), totals);
                return false;
            }
            refusals.push_back(std::move(refused));
        }
        totals.refused += all_refused - std::min<std::uint64_t>(all_refused, refusals.size());
        settle(std::move(refusals), totals);
        return true;
    }

    std::string body_;
    std::vector<std::uint64_t> numbers_;
    std::vector<RefusedLine> too_long_;
};

void print(const Session& session, const Totals& totals) {
    if (!session.json) {
        for (const RefusedLine& refused : totals.first)
            std::fprintf(stderr, "%s\n", shown(refused).c_str());
        if (totals.refused > totals.first.size()) {
            std::fprintf(stderr, "… and %s more refused\n",
                         grouped(totals.refused - totals.first.size()).c_str());
        }
        std::printf("accepted         %s\nrepeated         %s\nrefused          %s\n",
                    grouped(totals.accepted).c_str(), grouped(totals.repeated).c_str(),
                    grouped(totals.refused).c_str());
        if (totals.stopped_at > 0)
            std::printf("not taken        %s\n", grouped(totals.not_taken).c_str());
        return;
    }
    boost::json::array refusals;
    for (const RefusedLine& refused : totals.first) {
        boost::json::object row{{"line", refused.line}, {"error", refused.error}};
        if (!refused.field.empty()) row["field"] = refused.field;
        if (!refused.limit.empty()) row["limit"] = boost::json::parse(refused.limit);
        refusals.push_back(std::move(row));
    }
    boost::json::object summary{{"accepted", totals.accepted},
                                {"repeated", totals.repeated},
                                {"refused", totals.refused},
                                {"refusals", std::move(refusals)}};
    if (totals.stopped_at > 0) {
        summary["stoppedAt"] = totals.stopped_at;
        summary["notTaken"] = totals.not_taken;
    }
    std::printf("%s\n", boost::json::serialize(summary).c_str());
}

/// An export's own lines say nothing that happened.
bool is_exports_own(const store::NumberedLine& line) {
    return line.text.starts_with("{\"export\":");
}

/// Says where it ended. What a file still holds is counted; a pipe's end may never come.
void tell_stop(BegunFile& file, Totals& totals) {
    const bool has_end = file.lines.bytes_total() > 0;
    while (has_end) {
        const auto line = file.lines.next();
        if (!line || !*line) break;
        if (!is_exports_own(**line)) ++totals.not_taken;
    }
    std::fprintf(stderr,
                 "decklog: stopped at line %llu; %s%s lines not taken; repeat the same command, "
                 "what is in already is not taken twice\n",
                 static_cast<unsigned long long>(totals.stopped_at), has_end ? "" : "at least ",
                 grouped(totals.not_taken).c_str());
}

/// False: it ended early, and why is printed.
bool send_all(Session& session, Backend& backend, BegunFile& file, Totals& totals) {
    Progress progress("import");
    Batch batch;
    auto first = std::move(file.first);
    std::reverse(first.begin(), first.end());
    while (true) {
        std::optional<store::NumberedLine> line;
        if (!first.empty()) {
            line = std::move(first.back());
            first.pop_back();
        } else {
            auto next = file.lines.next();
            if (!next) {
                session.fail(kFailed, next.error().context);
                batch.give_up(totals);
                return false;
            }
            line = std::move(*next);
        }
        if (line && is_exports_own(*line)) continue;
        if (line && (line->is_too_long || line->text.size() > kOutsideLineBytesMax)) {
            batch.add_too_long(line->number);
            continue;
        }
        if (line) batch.add(std::move(*line));
        const bool ends = !line;
        if (!batch.empty() && (ends || batch.is_full())) {
            if (!batch.send(session, backend, totals)) return false;
            progress.show(file.lines.bytes_read(),
                          std::max(file.lines.bytes_total(), file.lines.bytes_read()));
        }
        if (ends) return true;
    }
}

}  // namespace

void import_lines(Session& session, Backend& backend, BegunFile& file) {
    Totals totals;
    const bool whole = send_all(session, backend, file, totals);
    if (totals.stopped_at > 0) tell_stop(file, totals);
    print(session, totals);
    if (whole && totals.refused > 0) session.exit_code = kFailed;
}

}  // namespace decklog::cli
