// An app of a few routes over a ledger and a vault in memory: what the server needs and nothing
// else. Header only, since test files are joined into larger units.
#pragma once

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/app.hpp"
#include "api/auth/token_book.hpp"
#include "api/auth/token_commands.hpp"
#include "api/config.hpp"
#include "api/metrics.hpp"
#include "api/router.hpp"
#include "store/rocks_ledger.hpp"

namespace decklog::api::testing {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "decklog-api-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// A wall clock that a test moves; the boot clock is the system's.
class HandClock final : public store::Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const override {
        return store::system_clock().now_us() + ahead_us_.load();
    }
    [[nodiscard]] std::int64_t boot_us() const override { return store::system_clock().boot_us(); }
    void advance(std::int64_t us) { ahead_us_ += us; }

  private:
    std::atomic<std::int64_t> ahead_us_{0};
};

/// By whom tokens are made and ended in tests.
inline domain::TokenOrder order_at(std::int64_t now_us) {
    domain::TokenOrder order;
    order.actor = {"system", "test"};
    order.recorded_by = "test";
    order.now_us = now_us;
    return order;
}

class SmallApp : public App {
  public:
    explicit SmallApp(Config config = {})
        : config_(std::move(config)),
          directory_(std::move(*store::Directory::open(temporary_.path() / "data", {}))) {
        store::LedgerOptions options;
        options.clock = &clock_;
        options.observer = &metrics_;
        ledger_ = store::make_memory_ledger(options);
        vault_ = store::make_memory_vault(&store::system_random());
        tokens_ = std::move(*TokenBook::open(*ledger_, *vault_, clock_));
        core_.config = &config_;
        core_.clock = &clock_;
        core_.random = &store::system_random();
        core_.ledger = ledger_.get();
        core_.vault = vault_.get();
        core_.tokens = tokens_.get();
        core_.metrics = &metrics_;
        core_.run_blocking = [](const std::function<void()>& work) { work(); };
        core_.run_job = core_.run_blocking;
        core_.run_export = core_.run_blocking;
        core_.draining = [] { return false; };
    }
    ~SmallApp() override { ledger_->stop(); }

    void add(Route route) { routes_.push_back(std::move(route)); }
    void add(std::vector<Route> routes) {
        for (Route& route : routes) add(std::move(route));
    }

    [[nodiscard]] Core& core() override { return core_; }
    [[nodiscard]] const std::vector<Route>& routes() const override { return routes_; }
    void dispatch(Request, std::optional<Principal>, Reply) override {}
    [[nodiscard]] const store::Directory& directory() const override { return directory_; }
    [[nodiscard]] HandClock& clock() { return clock_; }
    [[nodiscard]] Metrics& metrics() { return metrics_; }

    /// Records a token and returns its text.
    [[nodiscard]] std::string token(Role role, std::optional<std::int64_t> expires_in_us = {}) {
        TokenWish wish;
        wish.role = to_text(role);
        wish.name = "test";
        if (expires_in_us) wish.expires_at_us = clock_.now_us() + *expires_in_us;
        return record(wish).text;
    }
    TokenSubmission record(const TokenWish& wish) {
        const domain::TokenOrder order = order_at(clock_.now_us());
        auto made = create_token_submission(core_, wish, order);
        std::vector<store::Submission> submissions;
        submissions.push_back(std::move(made.submission));
        static_cast<void>(store::submit_and_wait(*ledger_, 0, std::move(submissions)));
        return made;
    }
    void revoke(const std::string& token_id) {
        const domain::TokenOrder order = order_at(clock_.now_us());
        std::vector<store::Submission> submissions(1);
        submissions.front().intent = domain::revoke_token({order, token_id});
        static_cast<void>(store::submit_and_wait(*ledger_, 0, std::move(submissions)));
    }

  private:
    TemporaryDirectory temporary_;
    Config config_;
    store::Directory directory_;
    HandClock clock_;
    Metrics metrics_;
    std::unique_ptr<store::Ledger> ledger_;
    std::unique_ptr<store::Vault> vault_;
    std::unique_ptr<TokenBook> tokens_;
    Core core_;
    std::vector<Route> routes_;
};

/// A route that answers what it was sent.
inline Route echo_route(Method method, std::string path, std::size_t body_bytes_max,
                        Access access = Access::open) {
    Route route;
    route.method = method;
    route.path = std::move(path);
    route.access = access;
    route.body_bytes_max = body_bytes_max;
    route.handle = [](Request request, const Reply& reply) {
        Answer answer;
        answer.content_type = "text/plain";
        answer.body = std::move(request.body);
        reply(std::move(answer));
    };
    return route;
}

}  // namespace decklog::api::testing
