// /api/admin/level: what an order without its number, or with another field, is told.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/api/route_desk.hpp"

namespace level_route_test {

using namespace decklog::api;
using namespace decklog::api::testing;

TEST(LevelRoute, NamesWhatIsWrongWithAnOrder) {
    RouteDesk desk;
    struct Row {
        const char* body;
        const char* error;
        const char* field;
    };
    for (const Row& row :
         {Row{"{}", "missing_field", "level"}, Row{R"({"level":null})", "missing_field", "level"},
          Row{R"({"level":"2"})", "invalid_type", "level"},
          Row{R"({"level":0})", "invalid_type", "level"},
          Row{R"({"level":1,"force":"yes"})", "invalid_type", "force"},
          Row{R"({"level":1,"why":"so"})", "unknown_field", "why"}}) {
        const Answer answer =
            desk.ask({.method = Method::post, .target = "/api/admin/level", .body = row.body});
        EXPECT_EQ(answer.status, 400) << row.body;
        EXPECT_EQ(object_of(answer).at("error"), row.error) << row.body;
        EXPECT_EQ(object_of(answer).at("field"), row.field) << row.body;
        EXPECT_EQ(answer.body.find("details"), std::string::npos) << answer.body;
    }
}

}  // namespace level_route_test
