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
        reply(answer_.finish());
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
        in_flight_ = true;
        return false;
    }

    void refuse_items(std::size_t items) {
        for (std::size_t i = 0; i < items; ++i) answer_.add(*failed_);
    }

    void file_group(const std::vector<std::string>& lines, std::function<void()> more) {
        std::vector<CheckedWrite> writes;
        for (const std::string& line : lines) {
            if (holds_something(line)) writes.push_back(checked(line));
        }
        file(*core_, source_, std::move(writes), BehindARefusal::are_refused,
             [self = shared_from_this(), more = std::move(more)](
                 const std::vector<Filed>& results) { self->end_group(results, more); });
    }

    CheckedWrite checked(const std::string& line) {
        const std::size_t index = next_index_++;
        if (line.size() > limits::kNdjsonLineBytesMax) {
            return domain::reject("line_too_long", "a line holds at most 256 KiB", {},
                                  static_cast<std::int64_t>(limits::kNdjsonLineBytesMax));
        }
        return check_(line, index);
    }

    /// Once the ledger takes nothing more, nothing after it is tried, so that of lines without a
    /// key it is clear which are in: those before the first refusal of the ledger.
    void end_group(const std::vector<Filed>& results, const std::function<void()>& more) {
        std::optional<Reply> reply;
        {
            const std::lock_guard lock(mutex_);
            for (const Filed& filed : results) {
                answer_.add(filed);
                if (filed.is_ledgers_refusal && !failed_) failed_ = filed;
            }
            in_flight_ = false;
            reply = std::exchange(reply_, std::nullopt);
        }
        if (reply) {
            (*reply)(answer_.finish());
        } else {
            more();
        }
    }

    const Core* core_;
    std::string_view source_;
    LineCheck check_;
    std::mutex mutex_;
    BatchAnswer answer_;
    std::size_t next_index_ = 0;
    bool in_flight_ = false;
    std::optional<Filed> failed_;  // by the ledger
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
