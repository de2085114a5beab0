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
    void refuse(RefusedLine line) {
        if (first.size() < kRefusalsShown) first.push_back(std::move(line));
    }
};

/// Codes that say nothing of the line: the ledger took no more.
constexpr std::array<std::string_view, 7> kTrouble{
    "queue_full",      "disk_low", "clock_refused",    "read_only",
    "outcome_unknown", "stopping", "vault_unavailable"};

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
        const auto too_long = std::exchange(too_long_, {});
        totals.refused += too_long.size();
        if (numbers_.empty()) {
            for (const RefusedLine& line : too_long) totals.refuse(line);
            return true;
        }
        const std::uint64_t first = numbers_.front();
        const Call call{.method = "POST",
                        .path = "/api/import",
                        .body = std::exchange(body_, {}),
                        .content_type = "application/x-ndjson"};
        const std::vector<std::uint64_t> numbers = std::exchange(numbers_, {});
        Response response;
        if (!session.ask(backend, call, nullptr, response)) return stopped(first);
        boost::system::error_code error;
        const auto value = boost::json::parse(response.body, error);
        if (error || !value.is_object()) {
            session.fail(kFailed, "the server's answer is not JSON");
            return stopped(first);
        }
        std::vector<RefusedLine> refused = too_long;
        const bool goes_on = take(session, value.get_object(), numbers, totals, refused);
        std::sort(refused.begin(), refused.end(),
                  [](const RefusedLine& a, const RefusedLine& b) { return a.line < b.line; });
        for (RefusedLine& line : refused) totals.refuse(std::move(line));
        return goes_on;
    }

  private:
    static bool stopped(std::uint64_t line) {
        std::fprintf(stderr,
                     "decklog: stopped at line %llu; repeat the same command, what is in already "
                     "is not taken twice\n",
                     static_cast<unsigned long long>(line));
        return false;
    }

    static bool take(Session& session, const boost::json::object& answer,
                     const std::vector<std::uint64_t>& numbers, Totals& totals,
                     std::vector<RefusedLine>& refusals) {
        totals.accepted += number(answer, "accepted");
        totals.repeated += number(answer, "repeated");
        totals.refused += number(answer, "refused");
        const auto* results = answer.if_contains("results");
        if (results == nullptr || !results->is_array()) return true;
        for (const auto& item : results->get_array()) {
            if (!item.is_object()) continue;
            const auto& result = item.get_object();
            const std::uint64_t index = number(result, "index");
            if (index >= numbers.size()) continue;
            RefusedLine refused{numbers[index], text_of(result, "error"), text_of(result, "field"),
                                text_of(result, "limit")};
            const bool trouble =
                std::find(kTrouble.begin(), kTrouble.end(), refused.error) != kTrouble.end();
            if (trouble) {
                session.fail(kFailed, "the ledger takes no more: " + refused.error);
                return stopped(refused.line);
            }
            refusals.push_back(std::move(refused));
        }
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
        return;
    }
    boost::json::array refusals;
    for (const RefusedLine& refused : totals.first) {
        boost::json::object row{{"line", refused.line}, {"error", refused.error}};
        if (!refused.field.empty()) row["field"] = refused.field;
        if (!refused.limit.empty()) row["limit"] = boost::json::parse(refused.limit);
        refusals.push_back(std::move(row));
    }
    const boost::json::object summary{{"accepted", totals.accepted},
                                      {"repeated", totals.repeated},
                                      {"refused", totals.refused},
                                      {"refusals", std::move(refusals)}};
    std::printf("%s\n", boost::json::serialize(summary).c_str());
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
                return false;
            }
            line = std::move(*next);
        }
        // An export's own lines say nothing that happened.
        if (line && line->text.starts_with("{\"export\":")) continue;
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
    print(session, totals);
    if (whole && totals.refused > 0) session.exit_code = kFailed;
}

}  // namespace decklog::cli
