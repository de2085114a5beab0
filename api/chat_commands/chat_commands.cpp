#include "api/chat_commands/chat_commands.hpp"

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "api/auth/authorise.hpp"
#include "api/chat_commands/limits.hpp"
#include "api/chat_commands/operator_book.hpp"
#include "api/chat_commands/showing.hpp"
#include "api/chat_commands/words.hpp"
#include "api/router.hpp"
#include "api/routes/routes.hpp"
#include "api/target.hpp"
#include "domain/workspace/placement.hpp"

namespace decklog::api {
namespace {

namespace asio = boost::asio;

/// The one answer to a command: whoever comes first gives it, the route or the clock.
class Answering {
  public:
    explicit Answering(ingest::Say say) : say_(std::move(say)) {}
    ~Answering() { give({std::string(chat::still_working_text())}); }
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;
    void give(ingest::Spoken spoken) {
        if (!is_given_.exchange(true)) say_(std::move(spoken));
    }

  private:
    ingest::Say say_;
    std::atomic<bool> is_given_{false};
};

/// A place among the commands that are carried out; given back when the last copy goes.
class Place {
  public:
    /// Null: all are taken.
    static std::shared_ptr<Place> take(std::atomic<int>& taken) {
        if (taken.fetch_add(1) < limits::kChatCommandsMax) return std::make_shared<Place>(taken);
        --taken;
        return nullptr;
    }
    explicit Place(std::atomic<int>& taken) : taken_(taken) {}
    ~Place() { --taken_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

  private:
    std::atomic<int>& taken_;
};

std::string hook_of(const ingest::ChatCommand& command) {
    return "hook:" + std::string(ingest::to_text(command.platform)) + ":" + command.account;
}

Request request_of(const chat::Order& order, const Operator& by,
                   const ingest::ChatCommand& command) {
    Request request;
    request.method = order.method;
    request.path = order.path;
    request.query = order.query;
    request.body = order.body;
    request.content_type = "application/json";
    request.headers = {{"content-type", "application/json"}};
    request.principal.role = by.role;
    request.principal.id = by.name;
    request.principal.name = by.name;
    request.trace = command.trace;
    request.from_chat =
        FromChat{hook_of(command), command.event,
                 std::string(ingest::to_text(command.platform)) + ":" + command.dedupe_id,
                 command.given_at_us + limits::kChatCarriedOutWithinUs};
    return request;
}

/// Nobody who can be reached writes partition 0 now: the platform comes again.
bool is_written_by_nobody(const Answer& answer) {
    return answer.status == 503 && answer.error_code == "not_owner";
}

}  // namespace

struct ChatCommands::Parts {
    Parts(const Core& shared, const std::vector<Operator>& operators)
        : core(shared), book(operators), routes(rollout_routes(shared)), router(routes) {}

    void carry_out(const chat::Order& order, const Operator& by, const ingest::ChatCommand& command,
                   ingest::Say say);
    void set_clock(const ingest::ChatCommand& command, std::shared_ptr<Answering> answering);

    const Core& core;
    const OperatorBook book;
    const std::vector<Route> routes;
    const Router router;
    std::atomic<int> taken{0};
    asio::thread_pool clock{1};
};

void ChatCommands::Parts::carry_out(const chat::Order& order, const Operator& by,
                                    const ingest::ChatCommand& command, ingest::Say say) {
    const auto target = parse_target(order.path);
    Router::Match match = target ? router.find(order.method, *target) : Router::Match{};
    if (match.route == nullptr) return say({std::string(chat::help_text())});
    Request request = request_of(order, by, command);
    request.captures = std::move(match.captures);
    const std::int64_t given_at_us = command.recorded_at_us;
    if (const auto may = permit(match.route->access, request.principal); !may)
        return say({chat::shown(order, may.error(), given_at_us)});
    auto place = Place::take(taken);
    if (!place) return say({std::string(chat::busy_text())});

    const auto answering = std::make_shared<Answering>(std::move(say));
    set_clock(command, answering);
    core.run_blocking([this, route = match.route, request = std::move(request), answering, order,
                       given_at_us, place = std::move(place)] {
        const Reply reply = [answering, order, given_at_us, place](const Answer& answer) {
            if (is_written_by_nobody(answer))
                return answering->give({.text = {}, .unavailable = "not_owner"});
            answering->give({chat::shown(order, answer, given_at_us)});
        };
        // The command came to the partition of its workspace; rollouts are in partition 0.
        const bool goes_on = core.at_owner && route->writes_log;
        if (!goes_on) return route->handle(request, reply);
        core.at_owner(std::string(domain::kDefaultWorkspace), request, route->handle, reply);
    });
}

void ChatCommands::Parts::set_clock(const ingest::ChatCommand& command,
                                    std::shared_ptr<Answering> answering) {
    auto timer = std::make_shared<asio::steady_timer>(clock.get_executor());
    timer->expires_at(command.received + limits::kChatAnswerWithin);
    timer->async_wait([timer, answering = std::move(answering)](const auto&) {
        answering->give({std::string(chat::still_working_text())});
    });
}

ChatCommands::ChatCommands(const Core& core, const std::vector<Operator>& operators)
    : parts_(std::make_unique<Parts>(core, operators)) {}

ChatCommands::~ChatCommands() { stop(); }

void ChatCommands::take(ingest::ChatCommand command, ingest::Say say) {
    const Operator* by = parts_->book.find(command.platform, command.account, command.person);
    if (by == nullptr) return say({std::string(chat::not_listed_text())});
    if (!command.is_all_text) return say({std::string(chat::only_text_text())});
    const auto order = chat::read_order(command.words, command.person, command.recorded_at_us);
    if (!order) return say({chat::shown(order.error())});
    if (order->shows == chat::Shows::help) return say({std::string(chat::help_text())});
    parts_->carry_out(*order, *by, command, std::move(say));
}

void ChatCommands::stop() {
    parts_->clock.stop();
    parts_->clock.join();
}

}  // namespace decklog::api
