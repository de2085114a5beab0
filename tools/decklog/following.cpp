#include "tools/decklog/following.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>
#include <utility>

#include "tools/decklog/limits.hpp"
#include "tools/decklog/lines.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

constexpr int kUnavailable = 503;  // draining, or too many streams: it passes

void say(const std::string& text) { std::fprintf(stderr, "decklog: %s\n", text.c_str()); }

/// One connection's lines. An event counts when its blank line came: one that was cut off comes
/// again.
class Blocks {
  public:
    Blocks(std::string& place, const std::function<void(std::string_view)>& print)
        : place_(place), print_(print) {}

    void take(std::string_view line) {
        constexpr std::string_view kId = "id: ";
        constexpr std::string_view kData = "data: ";
        if (line.starts_with(kId)) id_ = line.substr(kId.size());
        if (line.starts_with(kData)) data_ = line.substr(kData.size());
        if (!line.empty()) return;
        if (!data_.empty()) print_(data_);
        if (!id_.empty()) place_ = id_;
        id_.clear();
        data_.clear();
    }

  private:
    std::string& place_;
    const std::function<void(std::string_view)>& print_;
    std::string id_, data_;
};

Call after(Call live, const std::string& place) {
    if (!place.empty()) live.query.emplace_back("cursor", place);
    return live;
}

/// A server of the same data has another token, and perhaps another address, after its restart.
std::unique_ptr<Backend> connect_again(const Where& where, std::unique_ptr<Backend> before) {
    return where.url.empty() ? running_server(where) : std::move(before);
}

}  // namespace

void follow(Session& session, std::unique_ptr<Backend> backend, Call live, std::string place,
            const std::function<void(std::string_view event)>& print) {
    auto wait = kFollowWaitMin;
    bool is_lost = false;
    while (true) {
        if (backend) {
            Blocks blocks(place, print);
            LineSplitter lines([&blocks](std::string_view line) { blocks.take(line); });
            const BodySink sink = [&](std::string_view piece) {
                if (std::exchange(is_lost, false)) say("connected again");
                wait = kFollowWaitMin;
                lines.feed(piece);
                return std::ferror(stdout) == 0;
            };
            const auto answer = backend->call(after(live, place), sink);
            if (std::ferror(stdout) != 0) return;
            if (answer && answer->status >= 300 && answer->status != kUnavailable)
                return session.refuse(*answer);
            if (!std::exchange(is_lost, true)) {
                say("the stream ended" + (place.empty() ? "" : " after " + printable(place)) +
                    "; connecting again until interrupted");
            }
        }
        std::this_thread::sleep_for(wait);
        wait = std::min(2 * wait, kFollowWaitMax);
        backend = connect_again(session.where, std::move(backend));
    }
}

}  // namespace decklog::cli
