// POST /api/admin/backup over the real app, then the restore of what it made.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>

#include "api/restore.hpp"
#include "tests/api/route_desk.hpp"
#include "tests/api/support/small_app.hpp"

namespace decklog::api::backup_route_test {

using testing::body_of;
using testing::TemporaryDirectory;
namespace json = boost::json;

class BackupRoute : public ::testing::Test {
  protected:
    BackupRoute() {
        config_.data = place_.path() / "data";
        app_ = App::open(config_, std::chrono::milliseconds(0)).value();
    }
    Answer ask(std::string path, std::string body, Method method = Method::post) {
        Request request;
        request.method = method;
        request.path = std::move(path);
        request.body = std::move(body);
        request.content_type = "application/json";
        Principal admin;
        admin.role = Role::admin;
        admin.id = "tester";
        const auto answered = std::make_shared<std::promise<Answer>>();
        app_->dispatch(std::move(request), admin,
                       [answered](Answer answer) { answered->set_value(std::move(answer)); });
        return answered->get_future().get();
    }
    Answer backup(const json::object& wish) {
        return ask("/api/admin/backup", json::serialize(wish));
    }
    /// The last line of an NDJSON answer.
    static json::object result_of(const Answer& answer) {
        const std::string body = body_of(answer);
        const std::size_t end = body.find_last_not_of('\n');
        const std::size_t begin = body.rfind('\n', end);
        return json::parse(body.substr(begin == std::string::npos ? 0 : begin + 1)).as_object();
    }
    [[nodiscard]] std::string path(const char* name) const { return place_.path() / name; }

    TemporaryDirectory place_;
    Config config_;
    std::unique_ptr<App> app_;
};

TEST_F(BackupRoute, MakesABackupThatRestoresWithItsViews) {
    ASSERT_EQ(
        ask("/api/audit",
            R"({"actorType":"worker","entityType":"message","entityId":"m","action":"a_done"})")
            .status,
        201);
    const Answer answer = backup({{"dir", path("backups/a")}, {"vaultFile", path("vault.copy")}});
    EXPECT_EQ(answer.status, 200);
    const json::object made = result_of(answer);
    ASSERT_EQ(made.at("ok"), true) << json::serialize(made);
    EXPECT_EQ(made.at("events"), 2);
    EXPECT_EQ(made.at("dir").as_string(), path("backups/a"));
    EXPECT_GE(made.at("vaultRows").to_number<int>(), 2);

    store::RestoreWish wish;
    wish.backup = path("backups/a");
    wish.data = path("restored");
    wish.vault_file = path("vault.copy");
    const auto restored = restore(wish, {});
    ASSERT_TRUE(restored) << restored.error().context;
    EXPECT_EQ(restored->report.verified.events, 2U);
    EXPECT_EQ(restored->views.size(), projections::all_views().size());
    for (const auto& view : restored->views) EXPECT_EQ(view.next_ordinal, 3U) << view.instance;
}

TEST_F(BackupRoute, RefusesWhatIsNoAbsolutePath) {
    for (const json::object& wish :
         {json::object{}, json::object{{"dir", "backups"}}, json::object{{"dir", 7}},
          json::object{{"dir", path("a")}, {"vaultFile", "vault"}}, json::object{{"dir", "/a\nb"}},
          json::object{{"dir", path("a")}, {"when", "now"}}}) {
        EXPECT_EQ(backup(wish).status, 400) << json::serialize(wish);
    }
}

TEST_F(BackupRoute, RefusesAWishBeforeItBeginsAndNamesItsField) {
    ASSERT_EQ(result_of(backup({{"dir", path("backups/a")}, {"vaultFile", path("v")}})).at("ok"),
              true);
    const auto refused = [this](const json::object& wish) {
        const Answer answer = backup(wish);
        EXPECT_EQ(answer.status, 400) << answer.body;
        const json::object error = json::parse(answer.body).as_object();
        return std::string(error.at("error").as_string()) + " " +
               std::string(error.at("field").as_string());
    };
    EXPECT_EQ(refused({{"dir", path("data/backup")}}), "invalid_path dir");
    EXPECT_EQ(refused({{"dir", path("backups/a")}}), "invalid_path dir") << "not empty";
    EXPECT_EQ(refused({{"dir", path("backups/a/b")}}), "invalid_path dir") << "in a backup";
    EXPECT_EQ(refused({{"dir", path("backups/b")}, {"vaultFile", path("v")}}),
              "invalid_path vaultFile")
        << "is there already";
    EXPECT_EQ(refused({{"dir", path("backups/b")}, {"vaultFile", path("data/v")}}),
              "invalid_path vaultFile");
}

TEST_F(BackupRoute, IsNotKeptWaitingByThoseWhoReadExportsSlowly) {
    json::array actions;
    for (int i = 0; i < 3'000; ++i) {
        actions.push_back({{"actorType", "worker"},
                           {"entityType", "message"},
                           {"entityId", "m"},
                           {"action", "a_done"},
                           {"details", {{"note", std::string(1'500, 'n')}}}});
    }
    ASSERT_EQ(ask("/api/audit", json::serialize(actions)).status, 200);
    std::vector<Answer> exports;
    for (int i = 0; i < 4; ++i) {
        exports.push_back(ask("/api/admin/export", {}, Method::get));
        std::promise<void> begun;
        exports.back().source->next([&begun](const auto&) { begun.set_value(); });
        begun.get_future().get();  // no further piece is asked for
    }
    EXPECT_EQ(result_of(backup({{"dir", path("backups/a")}})).at("ok"), true);
}

}  // namespace decklog::api::backup_route_test
