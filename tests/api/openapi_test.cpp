// docs/openapi.yaml, the routes of the server and its answers say the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "api/openapi/document.hpp"
#include "api/routes/routes.hpp"
#include "projections/view.hpp"
#include "tests/api/route_desk.hpp"

namespace openapi_test {

using namespace decklog;
using namespace decklog::api;
using namespace decklog::api::testing;
using boost::json::object;
using boost::json::value;

const object& document() {
    static const value kDocument = boost::json::parse(
        boost::json::string_view(openapi_document().data(), openapi_document().size()));
    return kDocument.as_object();
}

std::string path_in_document(std::string path) {
    if (const auto rest = path.find("…"); rest != std::string::npos)
        path.erase(rest, std::string("…").size());
    return path;
}

std::string role_of(Access access) {
    switch (access) {
        case Access::open:
            return "none";
        case Access::gate:
            return "gate";
        case Access::ingest:
            return "ingest";
        case Access::viewer:
            return "viewer";
        case Access::operator_:
            return "operator";
        case Access::admin:
            return "admin";
        case Access::platform:
            return "platform";
    }
    return {};
}

using Described = std::map<std::pair<std::string, std::string>, std::string>;

Described described() {
    Described routes;
    for (const auto& path : document().at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            if (operation.key() == "parameters") continue;
            routes[{std::string(path.key()), std::string(operation.key())}] =
                std::string(operation.value().at("x-role").as_string());
        }
    }
    return routes;
}

/// Follows references, joins `allOf`.
class Schema {
  public:
    explicit Schema(const value& schema) { take(schema); }
    std::set<std::string> required;
    std::map<std::string, const value*> properties;
    bool is_open = false;  // names of members are free

  private:
    void take(const value& schema) {
        const object& node = schema.as_object();
        if (const auto* reference = node.if_contains("$ref"))
            return take(resolve(reference->as_string()));
        if (const auto* parts = node.if_contains("allOf")) {
            for (const value& part : parts->as_array()) take(part);
        }
        if (const auto* names = node.if_contains("required")) {
            for (const value& name : names->as_array()) required.emplace(name.as_string());
        }
        if (const auto* members = node.if_contains("properties")) {
            for (const auto& member : members->as_object())
                properties[std::string(member.key())] = &member.value();
        } else if (!node.contains("allOf")) {
            is_open = true;
        }
        if (node.contains("additionalProperties") && node.at("additionalProperties").is_object())
            is_open = true;
    }
    static const value& resolve(boost::json::string_view reference) {
        return document_at(std::string(reference).substr(1));
    }
    static const value& document_at(const std::string& pointer) {
        static const value kWhole = boost::json::parse(
            boost::json::string_view(openapi_document().data(), openapi_document().size()));
        return kWhole.at_pointer(pointer);
    }

  public:
    static const value& follow(const value& schema) {
        const auto* reference =
            schema.is_object() ? schema.as_object().if_contains("$ref") : nullptr;
        return reference == nullptr ? schema
                                    : document_at(std::string(reference->as_string()).substr(1));
    }
};

void expect_fits(const value& answer, const value& schema_node, const std::string& where) {
    const value& schema = Schema::follow(schema_node);
    if (!answer.is_object()) {
        const auto* items = schema.as_object().if_contains("items");
        if (!answer.is_array() || items == nullptr) return;
        for (const value& item : answer.as_array()) expect_fits(item, *items, where + "[]");
        return;
    }
    if (schema.as_object().contains("oneOf") || schema.as_object().empty()) return;
    const Schema fields(schema);
    for (const std::string& name : fields.required)
        EXPECT_TRUE(answer.as_object().contains(name)) << where << " lacks " << name;
    for (const auto& member : answer.as_object()) {
        const auto known = fields.properties.find(std::string(member.key()));
        if (known == fields.properties.end()) {
            EXPECT_TRUE(fields.is_open) << where << " has the undescribed field " << member.key();
        } else {
            expect_fits(member.value(), *known->second, where + "." + std::string(member.key()));
        }
    }
}

const value& answer_schema(const std::string& path, const std::string& method,
                           const std::string& status) {
    const value& response =
        Schema::follow(document().at("paths").at(path).at(method).at("responses").at(status));
    return response.at("content").at("application/json").at("schema");
}

std::vector<Route> all_routes(RouteDesk& desk) {
    std::vector<Route> routes = desk.routes();
    for (const auto family : {hook_routes, probe_routes, token_routes}) {
        for (Route& route : family(desk.core())) routes.push_back(std::move(route));
    }
    return routes;
}

std::string method_of(const Route& route) {
    return route.method == Method::get    ? "get"
           : route.method == Method::post ? "post"
           : route.method == Method::put  ? "put"
                                          : "delete";
}

bool has_query_parameters(const value& operation) {
    const auto* parameters = operation.as_object().if_contains("parameters");
    if (parameters == nullptr) return false;
    const auto& list = parameters->as_array();
    return std::any_of(list.begin(), list.end(), [](const value& parameter) {
        return Schema::follow(parameter).at("in").as_string() == "query";
    });
}

TEST(OpenApi, EveryRouteIsDescribedWithItsRoleAndNothingElseIs) {
    RouteDesk desk;
    Described served;
    for (const Route& route : all_routes(desk))
        served[{path_in_document(route.path), method_of(route)}] = role_of(route.access);
    EXPECT_EQ(served, described());
}

TEST(OpenApi, RoutesTakeParametersAndGoWithoutABodyWhereTheDescriptionSaysSo) {
    RouteDesk desk;
    for (const Route& route : all_routes(desk)) {
        if (route.access == Access::platform) continue;
        const value& operation =
            document().at("paths").at(path_in_document(route.path)).at(method_of(route));
        EXPECT_EQ(route.takes_query, has_query_parameters(operation)) << route.path;
        const auto* body = operation.as_object().if_contains("requestBody");
        const auto* required =
            body == nullptr ? nullptr : body->as_object().if_contains("required");
        EXPECT_EQ(route.body_optional, required != nullptr && !required->as_bool()) << route.path;
    }
}

TEST(OpenApi, IsServedAsItStandsInTheFile) {
    RouteDesk desk;
    const Answer answer = desk.get("/api/openapi.json", Role::none);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(object_of(answer).at("openapi"), "3.1.0");
    EXPECT_EQ(answer.body, openapi_document());
}

TEST(OpenApi, EveryReferenceLeadsSomewhere) {
    const std::string text(openapi_document());
    for (std::size_t at = text.find("\"$ref\":\"#"); at != std::string::npos;
         at = text.find("\"$ref\":\"#", at + 1)) {
        const std::size_t begin = at + 9;
        const std::string pointer = text.substr(begin, text.find('"', begin) - begin);
        boost::system::error_code error;
        const value whole(document());
        EXPECT_NE(whole.find_pointer(pointer, error), nullptr) << pointer;
    }
}

TEST(OpenApi, AnswersHoldTheFieldsThatAreDescribed) {
    RouteDesk desk;
    const std::string action =
        R"({"id":"a","action":"ai_reply_error","actorType":"worker","actorId":"w","entityType":"conversation","entityId":"c",
        "platform":"telegram","release":"r","cohort":"canary","unit":"u","details":{"stage":"send","note":"n"}})";
    const Answer written = desk.post("/api/audit", action);
    expect_fits(boost::json::parse(written.body), answer_schema("/api/audit", "post", "201"),
                "POST /api/audit");
    const Answer batch = desk.post("/api/audit", "[" + action + R"(,{"action":"x"}])");
    expect_fits(boost::json::parse(batch.body), answer_schema("/api/audit", "post", "207"),
                "POST /api/audit []");
    const Answer refused = desk.post("/api/audit", "{}");
    expect_fits(boost::json::parse(refused.body), answer_schema("/api/audit", "post", "400"),
                "POST /api/audit 400");
    const Answer event = desk.post(
        "/api/events", R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":1}})",
        "application/cloudevents+json");
    expect_fits(boost::json::parse(event.body), answer_schema("/api/events", "post", "201"),
                "POST /api/events");
    const Answer account = desk.ask(
        {.method = Method::post,
         .target = "/api/admin/platform-accounts",
         .body =
             R"({"platform":"telegram","accountName":"n","accountExternalId":"e","credentials":{"sessionRef":"env:S"}})"});
    expect_fits(boost::json::parse(account.body),
                answer_schema("/api/admin/platform-accounts", "post", "201"), "platform-accounts");
    const Answer beat =
        desk.post("/api/workers/w/heartbeat",
                  R"({"release":"r","provider":"p","runtime":"x","lastError":"e"})");
    expect_fits(boost::json::parse(beat.body),
                answer_schema("/api/workers/{name}/heartbeat", "post", "201"), "heartbeat");
    const std::pair<const char*, const char*> orders[] = {
        {"/api/rollouts", R"({"id":"r1","service":"s","release":"v2","baselineRelease":"v1"})"},
        {"/api/rollouts/{id}/gates",
         R"({"name":"ci","status":"passed","evidence":"https://ci.example.com/7"})"},
        {"/api/rollouts/{id}/commands",
         R"({"run":"7f","number":1,"words":["true"],"exitCode":0,"output":"o","cut":true,
         "startedAt":"2025-11-25T16:00:00Z","endedAt":"2025-11-25T16:00:00Z"})"},
        {"/api/rollouts/{id}/drills",
         R"({"run":"7f","kind":"rollback","environment":"e","passed":true,"followUpOwner":"f","history":"h",
         "revision":"3","snapshot":{},"startedAt":"2025-11-25T16:00:00Z","endedAt":"2025-11-25T16:00:00Z"})"}};
    for (const auto& [path, body] : orders) {
        std::string target = path;
        if (const auto at = target.find("{id}"); at != std::string::npos)
            target.replace(at, 4, "r1");
        const Answer answer = desk.post(target, body);
        ASSERT_EQ(answer.status, 201) << target << answer.body;
        expect_fits(boost::json::parse(answer.body), answer_schema(path, "post", "201"), target);
    }
    const std::string wait = "?wait=" + header_of(beat, "Decklog-Position");
    const std::pair<std::string, std::string> questions[] = {
        {"/api/events", "/api/events"},
        {"/api/streams/{stream}", "/api/streams/audit/conversation/c"},
        {"/api/audit", "/api/audit"},
        {"/api/admin/observability", "/api/admin/observability"},
        {"/api/admin/platform-accounts", "/api/admin/platform-accounts"},
        {"/api/admin/platform-policies", "/api/admin/platform-policies"},
        {"/api/admin/platform-health", "/api/admin/platform-health"},
        {"/api/workers", "/api/workers"},
        {"/api/rooms", "/api/rooms"},
        {"/api/rollouts/{id}", "/api/rollouts/r1"},
        {"/api/rollouts/{id}/runs/{run}", "/api/rollouts/r1/runs/7f"},
        {"/api/views/{view}", "/api/views/audit"},
    };
    for (const auto& [path, target] : questions) {
        const Answer answer = desk.get(target + wait);
        ASSERT_EQ(answer.status, 200) << target << answer.body;
        expect_fits(value(object_of(answer)), answer_schema(path, "get", "200"), target);
    }
    for (const char* wish : {R"({"person":"conversation:telegram:c","dryRun":true})",
                             R"({"person":"conversation:telegram:c","reason":"asked"})"}) {
        const Answer erased =
            desk.ask({.method = Method::post, .target = "/api/subjects/erase", .body = wish});
        ASSERT_EQ(erased.status, 200) << erased.body;
        expect_fits(value(object_of(erased)), answer_schema("/api/subjects/erase", "post", "200"),
                    wish);
    }
}

TEST(OpenApi, NamesEveryViewWhereOneIsChosen) {
    std::vector<std::string> views;
    for (const projections::View* view : projections::all_views()) views.emplace_back(view->name());
    std::sort(views.begin(), views.end());
    std::size_t chosen = 0;
    for (const auto& path : document().at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            const auto* described = operation.value().is_object()
                                        ? operation.value().as_object().if_contains("parameters")
                                        : nullptr;
            if (described == nullptr) continue;
            for (const value& parameter : described->as_array()) {
                const auto* name = parameter.as_object().if_contains("name");
                if (name == nullptr || *name != "view") continue;
                auto named = boost::json::value_to<std::vector<std::string>>(
                    parameter.at("schema").at("enum"));
                std::sort(named.begin(), named.end());
                EXPECT_EQ(named, views) << path.key();
                ++chosen;
            }
        }
    }
    EXPECT_EQ(chosen, 4U);
}

}  // namespace openapi_test
