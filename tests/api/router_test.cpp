#include <gtest/gtest.h>

#include "api/router.hpp"
#include "api/target.hpp"

namespace decklog::api::router_test {

Route route(Method method, std::string path) {
    Route made;
    made.method = method;
    made.path = std::move(path);
    return made;
}

const std::vector<Route> kRoutes = [] {
    std::vector<Route> routes;
    routes.push_back(route(Method::get, "/api/streams/{stream…}"));
    routes.push_back(route(Method::get, "/api/rooms/{id}"));
    routes.push_back(route(Method::get, "/api/rooms/mine"));
    routes.push_back(route(Method::del, "/api/rooms/{id}"));
    routes.push_back(route(Method::get, "/api/rooms/{id}/messages"));
    return routes;
}();

Router::Match find(Method method, std::string_view target) {
    static const Router router(kRoutes);
    return router.find(method, *parse_target(target));
}

TEST(Router, PrefersTheLiteral) {
    EXPECT_EQ(find(Method::get, "/api/rooms/mine").route->path, "/api/rooms/mine");
    EXPECT_EQ(find(Method::get, "/api/rooms/other").route->path, "/api/rooms/{id}");
}

TEST(Router, CapturesDecodedSegments) {
    EXPECT_EQ(find(Method::get, "/api/rooms/telegram:default:-100%2F1/messages").captures,
              std::vector<std::string>{"telegram:default:-100/1"});
}

TEST(Router, CapturesTheRestWithItsSlashes) {
    EXPECT_EQ(find(Method::get, "/api/streams/room/telegram/default/-1").captures,
              std::vector<std::string>{"room/telegram/default/-1"});
    EXPECT_EQ(find(Method::get, "/api/streams/room%2Ftelegram").captures,
              std::vector<std::string>{"room/telegram"});
    EXPECT_EQ(find(Method::get, "/api/streams/").route, nullptr);
    EXPECT_EQ(find(Method::get, "/api/streams").route, nullptr);
}

TEST(Router, TellsUnknownPathsFromOtherMethods) {
    EXPECT_EQ(find(Method::get, "/api/room").allow, "");
    EXPECT_EQ(find(Method::get, "/api/rooms/a/messages/").allow, "");
    EXPECT_EQ(find(Method::get, "/api/rooms/").allow, "");
    EXPECT_EQ(find(Method::post, "/api/rooms/a/messages").allow, "GET, HEAD");
    EXPECT_EQ(find(Method::post, "/api/rooms/a").allow, "GET, HEAD, DELETE");
}

TEST(Target, DecodesOnceAndInOrder) {
    const auto target = parse_target("/a%20b/%2525?x=1&y=a%26b&x=2&z");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path(), "/a b/%25");
    const std::vector<std::pair<std::string, std::string>> want{
        {"x", "1"}, {"y", "a&b"}, {"x", "2"}, {"z", ""}};
    EXPECT_EQ(target->query, want);
}

TEST(Target, TakesTheAbsoluteForm) {
    EXPECT_EQ(parse_target("http://host:80/a/b?c=d")->path(), "/a/b");
    EXPECT_EQ(parse_target("/")->path(), "/");
}

TEST(Target, RefusesWhatNoRouteShouldSee) {
    for (const char* text :
         {"", "a/b", "/a%2", "/a%zz", "/a%00", "/a%0A", "/%C3%28", "/a b", "/?x=%ff", "*"}) {
        EXPECT_FALSE(parse_target(text)) << text;
    }
}

}  // namespace decklog::api::router_test
