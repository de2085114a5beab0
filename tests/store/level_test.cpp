// A log that a newer release raised is not opened by this one.
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

}  // namespace decklog::store
