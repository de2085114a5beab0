// An import into files: the ledger that it makes opens, verifies and is held; half of one does not
// open.
#include "store/import/import_directory.hpp"

#include <gtest/gtest.h>

#include "domain/ledger/lineage.hpp"
#include "store/verify/verify.hpp"
#include "tests/store/import/export_text.hpp"
#include "tests/store/rocks_fixture.hpp"

namespace decklog::store::import_directory_test {

using namespace decklog::store::import_test;
using rocks_test::TempDir;

TEST(ImportDirectory, MakesALedgerThatOpensAndVerifies) {
    const auto source = a_ledger({1, 3, 1, 2});
    const TempDir root;
    {
        auto directory = ImportDirectory::open(root.path());
        ASSERT_TRUE(directory.has_value()) << directory.error().context;
        EXPECT_FALSE((*directory)->is_ledger().value());
        const auto imported = import_lines((*directory)->importer(), export_of(*source));
        ASSERT_TRUE(imported.has_value()) << imported.error().context;
    }
    const auto ledger = rocks_test::open(root.path());
    ASSERT_NE(ledger, nullptr);
    EXPECT_NE(ledger->ledger_id(), source->ledger_id());
    const auto report = verify(*ledger, {});
    ASSERT_TRUE(report.has_value());
    EXPECT_TRUE(report->ok()) << report->problem;
    EXPECT_EQ(ledger->chain_before({0, source->head(0).next_ordinal}).value(),
              source->head(0).chain);
    EXPECT_EQ(ledger->stream_version({"default", "room/slack/default/C1"}).value(),
              source->stream_version({"default", "room/slack/default/C1"}).value());
    EXPECT_TRUE(rocks_test::submit(*ledger, rocks_test::append("room/x")).has_value())
        << "the imported ledger goes on";
}

TEST(ImportDirectory, HalfAnImportIsNoLedgerAndGoesOn) {
    const auto source = a_ledger({1, 3, 1, 2});
    const TempDir root;
    {
        auto directory = ImportDirectory::open(root.path());
        ASSERT_TRUE(directory.has_value());
        const auto frames = frames_of(*source);
        ASSERT_TRUE((*directory)->importer().take(frames[0]).has_value());
        ASSERT_TRUE((*directory)->importer().take(frames[1]).has_value());
        ASSERT_TRUE((*directory)->importer().flush().has_value());
    }
    const auto error = rocks_test::open_error(root.path());
    EXPECT_NE(error.context.find("import"), std::string::npos) << error.context;
    auto directory = ImportDirectory::open(root.path());
    ASSERT_TRUE(directory.has_value()) << directory.error().context;
    EXPECT_TRUE((*directory)->begins_with(*frames_of(*source).front()).value());
    const auto imported = import_lines((*directory)->importer(), export_of(*source));
    ASSERT_TRUE(imported.has_value()) << imported.error().context;
    EXPECT_EQ(imported->present, 2U);
}

TEST(ImportDirectory, NobodyBeginsALedgerWhereAnImportBegan) {
    const TempDir root;
    ASSERT_TRUE(ImportDirectory::open(root.path()).has_value());
    EXPECT_NE(rocks_test::open_error(root.path()).context.find("import"), std::string::npos);
}

}  // namespace decklog::store::import_directory_test
