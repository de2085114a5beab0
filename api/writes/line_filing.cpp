#include "api/writes/line_filing.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "api/answers.hpp"
#include "api/limits.hpp"
#include "api/writes/submitting.hpp"
#include "api/writes/write_answers.hpp"

namespace decklog::api {
namespace {

bool holds_something(std::string_view line) {
    return line.find_first_not_of(" \t\r") != std::string_view::npos;
}

/// Outlives the sink while a group is on its way.
class LinesOnTheirWay : public std::enable_shared_from_this<LinesOnTheirWay> {
  public:
    LinesOnTheirWay(const Core& core, std::string_view source, LineCheck check)
        : core_(&core),
          source_(source),
          check_(std::move(check)),
          answer_(core, BatchAnswer::Results::refusals) {}

    void take(std::vector<std::string> lines, std::function<void()> more) {
        if (begin_group(lines)) {
            more();  // what follows a failure is read, refused and dropped
            return;
        }
        core_->run_blocking(
            [self = shared_from_this(), lines = std::move(lines),
             more = std::move(more)]() mutable { self->file_group(lines, std::move(more)); });
    }

    void finish(Reply reply) {
        {
            const std::lock_guard lock(mutex_);
            if (in_flight_) {
                reply_ = std::move(reply);
                return;
            }
        }
        answer(std::move(reply));
    }

  private:
    /// True when nothing more is taken.
    bool begin_group(const std::vector<std::string>& lines) {
        const auto items = static_cast<std::size_t>(
            std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) { return holds_something(line); }));
        const std::lock_guard lock(mutex_);
        if (failed_) {
            refuse_items(items);
            return true;
        }
        group_items_ = items;
        in_flight_ = true;
        return false;
    }

    /// Lines of earlier groups are durable, so an answer that only says 503 would have them sent
    /// again: what failed is refused line by line instead.
    void refuse_items(std::size_t items) {
        if (answer_.items() == 0) return;
        Filed refused;
        refused.refused = failed_;
        for (std::size_t i = 0; i < items; ++i) answer_.add(refused);
    }

    void file_group(const std::vector<std::string>& lines, std::function<void()> more) {
        std::vector<CheckedWrite> writes;
        for (const std::string& line : lines) {
            if (holds_something(line)) writes.push_back(checked(line));
        }
        file(*core_, source_, std::move(writes),
             [self = shared_from_this(), more = std::move(more)](FilingResult result) {
                 self->end_group(std::move(result), more);
             });
    }

    CheckedWrite checked(const std::string& line) {
        const std::size_t index = next_index_++;
        if (line.size() > limits::kNdjsonLineBytesMax) {
            return domain::reject("line_too_long", "a line holds at most 256 KiB", {},
                                  static_cast<std::int64_t>(limits::kNdjsonLineBytesMax));
        }
        return check_(line, index);
    }

    void end_group(FilingResult result, const std::function<void()>& more) {
        std::optional<Reply> reply;
        {
            const std::lock_guard lock(mutex_);
            if (result) {
                for (const Filed& filed : *result) answer_.add(filed);
            } else {
                failed_ = std::move(result.error().why);
                refuse_items(group_items_);
            }
            in_flight_ = false;
            reply = std::exchange(reply_, std::nullopt);
        }
        if (reply) {
            answer(std::move(*reply));
        } else {
            more();
        }
    }

    void answer(Reply reply) {
        reply(failed_ && answer_.items() == 0 ? answer_of(*failed_) : answer_.finish());
    }

    const Core* core_;
    std::string_view source_;
    LineCheck check_;
    std::mutex mutex_;
    BatchAnswer answer_;
    std::size_t next_index_ = 0;
    std::size_t group_items_ = 0;  // of the group in flight
    bool in_flight_ = false;
    std::optional<domain::Rejection> failed_;
    std::optional<Reply> reply_;
};

class LineFiling final : public LineSink {
  public:
    explicit LineFiling(std::shared_ptr<LinesOnTheirWay> lines) : lines_(std::move(lines)) {}
    void lines(std::vector<std::string> lines, std::function<void()> more) override {
        lines_->take(std::move(lines), std::move(more));
    }
    void finish(Reply reply) override { lines_->finish(std::move(reply)); }

  private:
    std::shared_ptr<LinesOnTheirWay> lines_;
};

}  // namespace

std::unique_ptr<LineSink> line_filing(const Core& core, std::string_view source, LineCheck check) {
    return std::make_unique<LineFiling>(
        std::make_shared<LinesOnTheirWay>(core, source, std::move(check)));
}

}  // namespace decklog::api
