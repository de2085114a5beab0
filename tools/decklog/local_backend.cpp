// The files open in this process, under LOCK: requests go to the same routes that a server would
// ask, without a socket.
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include "api/app.hpp"
#include "api/config.hpp"
#include "projections/engines.hpp"
#include "store/log.hpp"
#include "tools/decklog/backend.hpp"
#include "tools/decklog/disk_rule.hpp"
#include "tools/decklog/limits.hpp"
#include "tools/decklog/terminal.hpp"

namespace decklog::cli {
namespace {

/// Waits for one value from any thread.
template <class T>
class Once {
  public:
    void set(T value) {
        const std::lock_guard lock(mutex_);
        value_ = std::move(value);
        ready_.notify_one();
    }
    [[nodiscard]] T wait() {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, [this] { return value_.has_value(); });
        return std::move(*value_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::optional<T> value_;
};

std::optional<projections::ViewStatus> status_of(const projections::Engine& engine,
                                                 std::string_view view) {
    for (auto& status : engine.status()) {
        if (status.name == view) return std::move(status);
    }
    return std::nullopt;
}

std::string standing(const projections::ViewStatus& view, std::uint64_t end) {
    return view.instance + " stands at " + grouped(view.next_ordinal) + " of " + grouped(end) +
           " events";
}

Response view_behind(const projections::ViewStatus& view, std::uint64_t end) {
    const boost::json::object body{
        {"error", "view_behind"},
        {"message", standing(view, end) + " and does not move; ask again, or rebuild it"}};
    return {503, boost::json::serialize(body)};
}

/// A view that was dropped, or was behind when the process that kept it ended, is folded now: an
/// answer before that is done would be one about a part of the log. Set: instead of an answer.
std::optional<Response> wait_for_view(const api::Core& core, std::uint32_t partition,
                                      std::string_view name) {
    using Clock = std::chrono::steady_clock;
    const std::uint64_t end = core.ledger->head(partition).next_ordinal;
    Progress progress("folding " + std::string(name));
    std::uint64_t seen = 0;
    const auto begun = Clock::now();
    auto moved = begun;
    bool is_told = is_terminal(STDERR_FILENO);  // the bar tells
    while (true) {
        const auto view = status_of(core.engines->of(partition), name);
        if (!view || view->next_ordinal >= end) return std::nullopt;
        if (!view->stopped.empty()) {
            std::fprintf(stderr, "decklog: incomplete: %s; it has stopped: %s\n",
                         standing(*view, end).c_str(), printable(view->stopped).c_str());
            return std::nullopt;
        }
        const auto now = Clock::now();
        if (std::exchange(seen, view->next_ordinal) != view->next_ordinal) moved = now;
        if (now - moved > kViewStands) return view_behind(*view, end);
        if (!is_told && now - begun > kViewTold) {
            std::fprintf(stderr, "decklog: waiting: %s\n", standing(*view, end).c_str());
            is_told = true;
        }
        progress.show(view->next_ordinal, end);
        std::this_thread::sleep_for(kViewLook);
    }
}

class LocalBackend final : public Backend {
  public:
    LocalBackend(std::unique_ptr<api::Config> config, std::unique_ptr<api::App> app)
        : config_(std::move(config)), app_(std::move(app)) {}

    using Backend::call;
    [[nodiscard]] domain::Result<Response> call(const Call& call, const BodySink& sink) override {
        if (!call.view.empty()) {
            const api::Core& core = app_->core();
            for (std::uint32_t partition = 0; partition < core.engines->partitions(); ++partition) {
                if (auto refusal = wait_for_view(core, partition, call.view))
                    return std::move(*refusal);
            }
        }
        const auto once = std::make_shared<Once<api::Answer>>();
        app_->dispatch(request_of(call), operator_at_the_files(),
                       [once](api::Answer answer) { once->set(std::move(answer)); });
        const api::Answer answer = once->wait();
        Response response{answer.status, {}};
        const auto take = [&](std::string_view piece) {
            if (sink && answer.status < 300) return sink(piece);
            response.body.append(piece);
            return true;
        };
        if (!answer.source) {
            static_cast<void>(take(answer.body));
            return response;
        }
        while (true) {
            const auto next = std::make_shared<Once<std::optional<std::string>>>();
            answer.source->next(
                [next](std::optional<std::string> piece) { next->set(std::move(piece)); });
            const auto piece = next->wait();
            if (!piece || !take(*piece)) return response;
        }
    }

    [[nodiscard]] bool is_live() const override { return false; }

  private:
    /// Whoever can read the files can do all that an admin can.
    static api::Principal operator_at_the_files() {
        return {.role = api::Role::admin,
                .id = "files",
                .name = "command line",
                .personal = true,
                .account = std::nullopt};
    }

    static api::Request request_of(const Call& call) {
        api::Request request;
        request.method = call.method == "POST"     ? api::Method::post
                         : call.method == "PUT"    ? api::Method::put
                         : call.method == "DELETE" ? api::Method::del
                                                   : api::Method::get;
        request.path = call.path;
        request.query = call.query;
        request.body = call.body;
        if (!call.body.empty()) request.content_type = call.content_type;
        if (call.lines) request.headers.emplace_back("accept", "application/x-ndjson");
        request.remote = "local";
        return request;
    }

    std::unique_ptr<api::Config> config_;  // the app refers to it
    std::unique_ptr<api::App> app_;
};

}  // namespace

domain::Result<std::unique_ptr<Backend>> make_local_backend(const std::string& data) {
    store::configure_logging("error", nullptr);
    api::Flags flags;
    flags.data = data;
    auto config = api::load_config(flags, disk_rule());
    if (!config) return tl::unexpected(config.error());
    auto kept = std::make_unique<api::Config>(std::move(*config));
    // How long raw bodies live is the service's to say; a command deletes none for their age.
    kept->raw_days = 0;
    auto app = api::App::open(*kept, std::chrono::milliseconds(0));
    if (!app) return tl::unexpected(app.error());
    return std::make_unique<LocalBackend>(std::move(kept), std::move(*app));
}

}  // namespace decklog::cli
