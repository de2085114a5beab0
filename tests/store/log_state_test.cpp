// What a log says about writing to it holds over restarts.
#include "domain/ledger/lineage.hpp"
#include "domain/limits.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store {

TEST(RocksLevel, RefusesALogAboveWhatThisReleaseKnows) {
    const rocks_test::TempDir dir;
    LedgerOptions newer;
    newer.new_log_level = domain::limits::kLogLevel + 2;
    { static_cast<void>(rocks_test::open(dir.path(), newer)); }
    const domain::Error error = rocks_test::open_error(dir.path());
    EXPECT_EQ(error.code, domain::ErrorCode::other_format);
    EXPECT_NE(error.context.find("level " + std::to_string(newer.new_log_level)), std::string::npos)
        << error.context;
}

TEST(RocksMoved, TakesNothingMoreAfterARestartEither) {
    const rocks_test::TempDir dir;
    const auto moving = [] {
        domain::LedgerOrder order;
        order.actor = {"admin", "files"};
        order.recorded_by = "token:files";
        Submission submission;
        submission.intent = domain::move_ledger({order, {"topic", "decklog"}});
        return submission;
    };
    { ASSERT_TRUE(rocks_test::submit(*rocks_test::open(dir.path()), moving())); }
    const auto ledger = rocks_test::open(dir.path());
    const Answer refused = rocks_test::submit(*ledger, rocks_test::append("ext/a"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Refused::moved);
}

}  // namespace decklog::store
