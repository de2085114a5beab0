#include "api/fed_lines.hpp"

#include <string_view>
#include <utility>

#include "api/line_splitter.hpp"

namespace decklog::api {
namespace {

class FedLines : public std::enable_shared_from_this<FedLines> {
  public:
    FedLines(std::unique_ptr<LineSink> sink, std::string body, Reply reply)
        : sink_(std::move(sink)), body_(std::move(body)), reply_(std::move(reply)) {}

    /// The next group, or the end. Called again from the sink, on whatever thread.
    void feed() {
        taken_ += splitter_.take(std::string_view(body_).substr(taken_));
        if (taken_ == body_.size() && !ended_) {
            splitter_.end();
            ended_ = true;
        }
        auto group = splitter_.take_group();
        if (group.empty()) return sink_->finish(std::move(reply_));
        sink_->lines(std::move(group), [self = shared_from_this()] { self->feed(); });
    }

  private:
    std::unique_ptr<LineSink> sink_;
    std::string body_;
    Reply reply_;
    LineSplitter splitter_;
    std::size_t taken_ = 0;
    bool ended_ = false;
};

}  // namespace

void feed_lines(std::unique_ptr<LineSink> sink, std::string body, Reply reply) {
    std::make_shared<FedLines>(std::move(sink), std::move(body), std::move(reply))->feed();
}

}  // namespace decklog::api
