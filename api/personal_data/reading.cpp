#include "api/personal_data/reading.hpp"

#include <array>
#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/auth/token_book.hpp"
#include "api/writes/json_fields.hpp"
#include "domain/personal_data/reading.hpp"
#include "domain/workspace/placement.hpp"
#include "store/ledger.hpp"

namespace decklog::api {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kPartition = 0;
constexpr int kOk = 200;
constexpr std::array<std::string_view, 2> kFields{"filter", "count"};

Request order_of_reading(const PersonalReader& reader, const std::string& filter,
                         std::uint64_t count) {
    Request order;
    order.method = Method::post;
    order.path = std::string(kPersonalReadsPath);
    order.headers = {{"content-type", "application/json"}};
    order.content_type = "application/json";
    order.body = json::serialize(json::object{{"filter", filter}, {"count", count}});
    order.principal = reader.principal;
    order.trace = reader.trace;
    return order;
}

domain::Rejection rejection_in(const Answer& answer) {
    json::error_code failed;
    const json::value said = json::parse(answer.body, failed);
    const auto text = [&](const char* name) {
        const auto* object = failed ? nullptr : said.if_object();
        const auto* found = object == nullptr ? nullptr : object->if_contains(name);
        return found != nullptr && found->is_string() ? std::string(found->as_string())
                                                      : std::string();
    };
    return {text("error"), text("message"), {}, {}};
}

}  // namespace

Answer record_for_node(const Core& core, const Request& request) {
    auto fields = JsonFields::read_order(request.body, kFields);
    if (!fields) return answer_of(fields.error());
    domain::ReadPersonalData command;
    command.by = "token:" + request.principal.id;
    command.actor = {std::string(to_text(request.principal.role)), request.principal.id};
    command.filter = fields->text_or_none("filter");
    const json::value* count = fields->find("count");
    if (count == nullptr || !count->is_int64() || count->get_int64() < 1)
        return answer_of(domain::Rejection{"invalid_type", "a whole number from 1", "count", {}});
    command.count = static_cast<std::uint64_t>(count->get_int64());
    if (fields->refusal()) return answer_of(*fields->refusal());
    command.now_us = core.clock->now_us();
    command.trace_id = request.trace;
    std::vector<store::Submission> submissions(1);
    submissions.front().intent = domain::read_personal_data(command);
    const auto answers = store::submit_and_wait(*core.ledger, kPartition, std::move(submissions));
    return answers.front() ? json_answer("{}") : answer_of(answers.front().error());
}

std::optional<domain::Rejection> record_reading(const Core& core, const PersonalReader& reader,
                                                const std::string& filter, std::uint64_t count) {
    if (count == 0) return std::nullopt;
    const Request order = order_of_reading(reader, filter, count);
    Answer answer;
    const auto keep = [&answer](Answer given) { answer = std::move(given); };
    const Handler here = [&core](const Request& request, const Reply& reply) {
        reply(record_for_node(core, request));
    };
    core.at_owner ? core.at_owner(std::string(domain::kDefaultWorkspace), order, here, keep)
                  : here(order, keep);
    return answer.status == kOk ? std::nullopt : std::optional(rejection_in(answer));
}

}  // namespace decklog::api
