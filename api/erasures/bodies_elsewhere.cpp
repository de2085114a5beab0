#include "api/erasures/bodies_elsewhere.hpp"

#include <array>
#include <boost/json.hpp>
#include <utility>

#include "api/answers.hpp"
#include "api/writes/json_fields.hpp"
#include "store/erasure.hpp"
#include "store/places/places.hpp"

namespace decklog::api {
namespace {

namespace json = boost::json;

constexpr int kOk = 200;
constexpr std::array<std::string_view, 9> kFields{
    "subject", "workspace", "reason", "actorType", "actorId", "recordedBy", "at", "keys", "bodies"};

Request order_of(const store::BodiesToTake& bodies) {
    json::array refs;
    for (const domain::RawRef& ref : bodies.bodies)
        refs.push_back(json::array{ref.day, domain::to_hex(ref.id.bytes)});
    Request order;
    order.method = Method::post;
    order.path = std::string(kErasedBodiesPath);
    order.headers = {{"content-type", "application/json"}};
    order.content_type = "application/json";
    order.body = json::serialize(json::object{{"subject", domain::to_text(bodies.subject)},
                                              {"workspace", bodies.order.workspace},
                                              {"reason", bodies.order.reason},
                                              {"actorType", bodies.order.actor.type},
                                              {"actorId", bodies.order.actor.id},
                                              {"recordedBy", bodies.order.recorded_by},
                                              {"at", bodies.order.now_us},
                                              {"keys", bodies.keys},
                                              {"bodies", std::move(refs)}});
    order.principal.role = Role::admin;
    order.principal.id = "server";
    order.trace = bodies.order.trace_id;
    return order;
}

std::optional<domain::RawRef> ref_in(const json::value& value) {
    const auto* pair = value.if_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_string())
        return std::nullopt;
    const auto id = domain::bytes16_from_hex((*pair)[1].get_string());
    const std::int64_t day = (*pair)[0].get_int64();
    if (!id || day < 0 || day > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    domain::RawRef ref;
    ref.day = static_cast<std::uint32_t>(day);
    ref.id.bytes = *id;
    return ref;
}

std::int64_t whole_number(JsonFields& fields, std::string_view name) {
    const json::value* value = fields.find(name);
    if (value != nullptr && value->is_int64() && value->get_int64() >= 0) return value->get_int64();
    fields.refuse({"invalid_type", "a whole number", std::string(name), {}});
    return 0;
}

domain::Decision<store::BodiesToTake> bodies_in(const Request& request) {
    auto fields = JsonFields::read_order(request.body, kFields);
    if (!fields) return tl::unexpected(fields.error());
    store::BodiesToTake bodies;
    const auto subject = domain::subject_from_text(fields->text_or_none("subject"));
    if (!subject) fields->refuse({"invalid_id", "a subject id", "subject", {}});
    bodies.subject = subject.value_or(domain::SubjectId{});
    bodies.order.workspace = fields->text_or_none("workspace");
    bodies.order.reason = fields->text_or_none("reason");
    bodies.order.actor = {fields->required_id("actorType"), fields->required_id("actorId")};
    bodies.order.recorded_by = fields->required_id("recordedBy");
    bodies.order.now_us = whole_number(*fields, "at");
    bodies.order.trace_id = request.trace;
    bodies.keys = static_cast<std::size_t>(whole_number(*fields, "keys"));
    const json::value* refs = fields->find("bodies");
    const bool is_list = refs != nullptr && refs->is_array();
    if (!is_list) fields->refuse({"invalid_type", "a list", "bodies", {}});
    for (std::size_t i = 0; is_list && i < refs->get_array().size(); ++i) {
        const auto ref = ref_in(refs->get_array()[i]);
        if (!ref) fields->refuse({"invalid_type", "[day, id] each", "bodies", {}});
        bodies.bodies.push_back(ref.value_or(domain::RawRef{}));
    }
    if (fields->refusal()) return tl::unexpected(*fields->refusal());
    return bodies;
}

/// In the store's words again.
store::Answer said_by(const Answer& answer) {
    if (answer.status == kOk) return store::Receipt{};
    json::error_code failed;
    const json::value body = json::parse(answer.body, failed);
    const auto* object = failed ? nullptr : body.if_object();
    const auto* code = object == nullptr ? nullptr : object->if_contains("error");
    store::Refusal refusal;
    refusal.rejection.code = code != nullptr && code->is_string() ? std::string(code->get_string())
                                                                  : std::to_string(answer.status);
    refusal.kind = refusal.rejection.code == "not_owner" ? store::Refused::not_owner
                                                         : store::Refused::outcome_unknown;
    return tl::unexpected(std::move(refusal));
}

}  // namespace

Answer take_for_node(const Core& core, const Request& request) {
    auto bodies = bodies_in(request);
    if (!bodies) return answer_of(bodies.error());
    const auto partition = core.places->partition_of(bodies->order.workspace);
    if (!partition) {
        return answer_of(domain::Rejection{
            "invalid_workspace", "no partition is known of this workspace", "workspace", {}});
    }
    bodies->partition = *partition;
    const store::Answer answer = store::take_bodies(*core.ledger, *bodies);
    return answer ? json_answer("{}") : answer_of(answer.error());
}

store::Answer take_where_written(const Core& core, const store::BodiesToTake& bodies) {
    if (!core.at_owner) return store::take_bodies(*core.ledger, bodies);
    Answer answer;
    const Handler here = [&core](const Request& request, const Reply& reply) {
        reply(take_for_node(core, request));
    };
    core.at_owner(bodies.order.workspace, order_of(bodies), here,
                  [&answer](Answer given) { answer = std::move(given); });
    return said_by(answer);
}

}  // namespace decklog::api
