// The routes over a real ledger, vault and engine, without a socket: a request in, an answer out.
// The clock stands until a test moves it.
#pragma once

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/app.hpp"
#include "api/config.hpp"
#include "api/erasures/erasures.hpp"
#include "api/router.hpp"
#include "projections/engines.hpp"
#include "store/fork/hold.hpp"

namespace decklog::api::testing {

inline constexpr std::int64_t kStartUs = 1'764'090'000'000'000;  // 2025-11-25T17:00:00Z

class StandingClock final : public store::Clock {
  public:
    [[nodiscard]] std::int64_t now_us() const override { return kStartUs + passed_us_; }
    [[nodiscard]] std::int64_t boot_us() const override { return passed_us_; }
    void pass(std::int64_t us) { passed_us_ += us; }

  private:
    std::atomic<std::int64_t> passed_us_{0};
};

enum class Storage { memory, disk };

struct Asking {
    Method method = Method::get;
    std::string target;
    std::string body{};
    std::string content_type = "application/json";
    std::vector<std::pair<std::string, std::string>> headers{};
    Role role = Role::admin;
    std::optional<std::string> account{};
    std::optional<std::string> gate{};
};

class RouteDesk {
  public:
    explicit RouteDesk(Storage storage = Storage::memory, std::uint32_t partitions = 1);
    ~RouteDesk();
    RouteDesk(const RouteDesk&) = delete;
    RouteDesk& operator=(const RouteDesk&) = delete;

    [[nodiscard]] Answer ask(Asking asking);
    [[nodiscard]] Answer get(std::string target, Role role = Role::admin);
    [[nodiscard]] Answer post(std::string target, std::string body,
                              std::string content_type = "application/json");
    /// Through the route's line handler, `group` lines at a time; `between` is called before every
    /// group but the first.
    [[nodiscard]] Answer post_lines(std::string target, const std::vector<std::string>& lines,
                                    std::size_t group, const std::function<void()>& between = {});

    [[nodiscard]] StandingClock& clock() { return clock_; }
    [[nodiscard]] Core& core() { return core_; }
    [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
    void drain() { draining_ = true; }
    /// The disk is nearly full from now on, and the ledger knows. Half of what it wants to be free:
    /// what frees or protects still goes.
    void fill_disk(std::uint64_t free_bytes = 0);
    static constexpr std::uint64_t kHalfOfWhatIsWanted = 1ULL << 30U;
    [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  private:
    static constexpr std::uint64_t kDiskBytes = 1ULL << 40U;
    [[nodiscard]] Request request_of(const Asking& asking) const;

    std::filesystem::path root_;
    StandingClock clock_;
    std::atomic<bool> draining_{false};
    std::atomic<std::uint64_t> disk_free_bytes_{kDiskBytes};
    std::unique_ptr<store::Vault> vault_;
    std::unique_ptr<store::Ledger> ledger_;
    std::unique_ptr<store::Hold> hold_;
    std::unique_ptr<projections::Engines> engines_;
    Config config_;
    Core core_;
    Erasures erasures_{core_};
    std::unique_ptr<boost::asio::thread_pool> blocking_;
    std::vector<Route> routes_;
    std::optional<Router> router_;
};

/// The whole of a body, from its source when it has one.
[[nodiscard]] std::string body_of(const Answer& answer);
[[nodiscard]] boost::json::object object_of(const Answer& answer);
/// The text of the value at a dotted path of the body, as written.
[[nodiscard]] std::string token_of(const Answer& answer, std::string_view path);
/// A string two levels down.
[[nodiscard]] std::string text_at(const boost::json::object& object, std::string_view outer,
                                  std::string_view inner);
[[nodiscard]] std::string header_of(const Answer& answer, std::string_view name);
/// The next piece of a body; nullopt at its end. Fails the test after some seconds.
[[nodiscard]] std::optional<std::string> next_piece(BodySource& source);

}  // namespace decklog::api::testing
