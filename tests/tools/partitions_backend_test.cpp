// A data directory of several partitions under the commands that keep a ledger: verify, backup,
// restore, and verify of what was restored.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/restore.hpp"
#include "store/directory/directory.hpp"
#include "store/rocks_ledger.hpp"
#include "tests/store/several_partitions.hpp"
#include "tests/store/temporary_directory.hpp"
#include "tools/decklog/backend.hpp"

namespace decklog::cli::partitions_backend_test {

using boost::json::object;
namespace several = store::several;

class PartitionsBackend : public testing::Test {
  protected:
    PartitionsBackend() {
        auto lock = store::Directory::open(data(), std::chrono::milliseconds(0)).value();
        const auto vault = store::open_rocks_vault(data(), false, &store::system_random()).value();
        const auto ledger = store::open_rocks_ledger(data(), several::options()).value();
        EXPECT_TRUE(vault->bind(ledger->ledger_id()));
        several::fill(*ledger);
        ledger->stop();
    }
    [[nodiscard]] std::filesystem::path data() const { return place_.path() / "data"; }
    [[nodiscard]] std::filesystem::path backup() const { return place_.path() / "backups" / "a"; }
    [[nodiscard]] std::filesystem::path restored() const { return place_.path() / "restored"; }
    /// The last line of a long piece of work.
    static object result_of(const std::filesystem::path& data, const Call& call) {
        const auto backend = make_local_backend(data.string());
        EXPECT_TRUE(backend) << backend.error().context;
        const auto answer = (*backend)->call(call);
        EXPECT_TRUE(answer && answer->status == 200) << answer->body;
        std::string body = answer->body;
        while (!body.empty() && body.back() == '\n') body.pop_back();
        return boost::json::parse(body.substr(body.rfind('\n') + 1)).as_object();
    }
    static object verified(const std::filesystem::path& data) {
        return result_of(data, {.path = "/api/admin/verify"});
    }
    static std::uint64_t events_in(const object& result, std::size_t partition) {
        return result.at("partitions")
            .as_array()
            .at(partition)
            .as_object()
            .at("events")
            .to_number<std::uint64_t>();
    }

    store::TemporaryDirectory place_;
};

TEST_F(PartitionsBackend, IsVerifiedBackedUpAndRestoredWhole) {
    const object before = verified(data());
    EXPECT_EQ(before.at("ok"), true);
    EXPECT_FALSE(before.contains("chain"));
    ASSERT_EQ(before.at("partitions").as_array().size(), 3U);
    EXPECT_EQ(events_in(before, 2), 31U);

    const object made =
        result_of(data(), {.method = "POST",
                           .path = "/api/admin/backup",
                           .body = boost::json::serialize(object{{"dir", backup().string()}}),
                           .lines = true});
    EXPECT_EQ(made.at("ok"), true) << boost::json::serialize(made);
    EXPECT_EQ(made.at("partitions").as_array()[1].at("chain"),
              before.at("partitions").as_array()[1].at("chain"));

    store::RestoreWish wish;
    wish.backup = backup();
    wish.data = restored();
    const auto report = api::restore(wish, {});
    ASSERT_TRUE(report) << report.error().context;
    EXPECT_EQ(report->report.forked_at.size(), 3U);
    const object after = verified(restored());
    EXPECT_EQ(after.at("ok"), true) << boost::json::serialize(after);
    EXPECT_EQ(events_in(after, 1), 22U);
    EXPECT_EQ(events_in(after, 2), 32U);
}

}  // namespace decklog::cli::partitions_backend_test
