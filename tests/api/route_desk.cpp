#include "tests/api/route_desk.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <future>
#include <stdexcept>

#include "api/queries/asking.hpp"
#include "api/routes/routes.hpp"
#include "store/directory/backup_places.hpp"
#include "store/json/canonical_json.hpp"

namespace decklog::api::testing {
namespace {

constexpr std::chrono::seconds kPatience{20};

std::filesystem::path fresh_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "decklog-routes-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    return name;
}

template <class T>
T must(domain::Result<T> result) {
    if (!result) throw std::runtime_error(result.error().context);
    return std::move(*result);
}

template <class T>
T waited_for(std::future<T> future) {
    if (future.wait_for(kPatience) != std::future_status::ready)
        throw std::runtime_error("no answer came");
    return future.get();
}

}  // namespace

RouteDesk::RouteDesk(Storage storage, std::uint32_t partitions)
    : root_(fresh_directory()), blocking_(std::make_unique<boost::asio::thread_pool>(4)) {
    if (const auto made = store::create_places(root_); !made) ADD_FAILURE() << made.error().context;
    store::LedgerOptions options;
    options.partitions = partitions;
    options.clock = &clock_;
    options.disk_free_share_min = 0;
    options.disk_space = [this] { return store::DiskSpace{disk_free_bytes_, kDiskBytes}; };
    if (storage == Storage::memory) {
        vault_ = store::make_memory_vault(&store::system_random());
        ledger_ = store::make_memory_ledger(options);
    } else {
        vault_ = must(store::open_rocks_vault(root_, false, &store::system_random()));
        ledger_ = must(store::open_rocks_ledger(root_, options));
    }
    engines_ = must(projections::Engines::open(root_ / "views", *ledger_));
    hold_ = must(store::Hold::open(*ledger_));
    core_.config = &config_;
    core_.clock = &clock_;
    core_.random = &store::system_random();
    core_.ledger = ledger_.get();
    core_.vault = vault_.get();
    core_.engines = engines_.get();
    core_.engine = &engines_->of(0);
    core_.hold = hold_.get();
    core_.erasures = &erasures_;
    config_.data = root_;
    core_.run_blocking = [this](std::function<void()> work) {
        boost::asio::post(*blocking_, std::move(work));
    };
    core_.run_job = core_.run_blocking;
    core_.run_export = core_.run_blocking;
    core_.draining = [this] { return draining_.load(); };
    for (const auto family :
         {audit_routes,      event_routes,   query_routes,   live_routes,
          view_routes,       room_routes,    export_routes,  import_routes,
          keeping_routes,    subject_routes, level_routes,   observability_routes,
          openapi_routes,    rollout_routes, flagger_routes, gate_replay_routes,
          platform_routes,   worker_routes,  drill_routes,   personal_read_routes,
          erased_body_routes}) {
        for (Route& route : family(core_)) routes_.push_back(std::move(route));
    }
    router_.emplace(routes_);
}

void RouteDesk::fill_disk(std::uint64_t free_bytes) {
    disk_free_bytes_ = free_bytes;
    clock_.pass(2'000'000);  // the rule asks once a second
    for (int i = 0; i < 500 && ledger_->state() != store::WriterState::disk_low; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (ledger_->state() != store::WriterState::disk_low)
        throw std::runtime_error("the ledger does not look at its disk");
}

RouteDesk::~RouteDesk() {
    router_.reset();
    blocking_->join();
    routes_.clear();
    ledger_->stop();
    engines_->stop();
    engines_.reset();
    hold_.reset();
    ledger_.reset();
    vault_.reset();
    std::filesystem::remove_all(root_);
}

Request RouteDesk::request_of(const Asking& asking) const {
    Request request;
    request.method = asking.method;
    const auto target = parse_target(asking.target);
    if (!target) throw std::runtime_error("not a target: " + asking.target);
    request.path = target->path();
    request.query = target->query;
    request.captures = router_->find(asking.method, *target).captures;
    request.headers = asking.headers;
    request.body = asking.body;
    request.content_type = asking.content_type;
    request.principal.role = asking.role;
    request.principal.id = "tester";
    request.principal.account = asking.account;
    request.principal.gate = asking.gate;
    request.trace.bytes[0] = 7;
    return request;
}

Answer RouteDesk::ask(Asking asking) {
    const auto target = parse_target(asking.target);
    const Route* route = router_->find(asking.method, *target).route;
    if (route == nullptr) throw std::runtime_error("no such route: " + asking.target);
    const auto answered = std::make_shared<std::promise<Answer>>();
    route->handle(request_of(asking),
                  [answered](Answer answer) { answered->set_value(std::move(answer)); });
    return waited_for(answered->get_future());
}

Answer RouteDesk::get(std::string target, Role role) {
    return ask({.target = std::move(target), .role = role});
}

Answer RouteDesk::post(std::string target, std::string body, std::string content_type) {
    return ask({.method = Method::post,
                .target = std::move(target),
                .body = std::move(body),
                .content_type = std::move(content_type),
                .role = Role::ingest});
}

Answer RouteDesk::post_lines(std::string target, const std::vector<std::string>& lines,
                             std::size_t group, const std::function<void()>& between) {
    const Asking asking{.method = Method::post,
                        .target = target,
                        .content_type = "application/x-ndjson",
                        .role = Role::ingest};
    const Route* route = router_->find(asking.method, *parse_target(target)).route;
    const auto sink = route->handle_lines(request_of(asking));
    for (std::size_t begin = 0; begin < lines.size(); begin += group) {
        if (begin > 0 && between) between();
        const auto end = std::min(begin + group, lines.size());
        const auto more = std::make_shared<std::promise<void>>();
        sink->lines({lines.begin() + static_cast<std::ptrdiff_t>(begin),
                     lines.begin() + static_cast<std::ptrdiff_t>(end)},
                    [more] { more->set_value(); });
        waited_for(more->get_future());
    }
    const auto answered = std::make_shared<std::promise<Answer>>();
    sink->finish([answered](Answer answer) { answered->set_value(std::move(answer)); });
    return waited_for(answered->get_future());
}

std::optional<std::string> next_piece(BodySource& source) {
    const auto piece = std::make_shared<std::promise<std::optional<std::string>>>();
    source.next([piece](std::optional<std::string> text) { piece->set_value(std::move(text)); });
    return waited_for(piece->get_future());
}

std::string body_of(const Answer& answer) {
    if (!answer.source) return answer.body;
    std::string body;
    while (auto piece = next_piece(*answer.source)) body += *piece;
    return body;
}

boost::json::object object_of(const Answer& answer) {
    return boost::json::parse(body_of(answer)).as_object();
}

std::string token_of(const Answer& answer, std::string_view path) {
    return std::string(store::json_token_at(answer.body, path));
}

std::string text_at(const boost::json::object& object, std::string_view outer,
                    std::string_view inner) {
    const auto key = [](std::string_view name) {
        return boost::json::string_view(name.data(), name.size());
    };
    return std::string(object.at(key(outer)).as_object().at(key(inner)).as_string());
}

std::string header_of(const Answer& answer, std::string_view name) {
    for (const auto& [key, value] : answer.headers) {
        if (key == name) return value;
    }
    return {};
}

}  // namespace decklog::api::testing
