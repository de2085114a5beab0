// A full export of several partitions on its way back: one partition after the other, each held to
// its own chain, all of them called the same new name at the end and none before.
#include <gmock/gmock.h>

#include <fstream>

#include "domain/ledger/lineage.hpp"
#include "store/directory/directory.hpp"
#include "store/import/import_directory.hpp"
#include "store/rows/log_rows.hpp"
#include "store/rows/memory_rows.hpp"
#include "store/verify/verify.hpp"
#include "tests/store/import/export_text.hpp"
#include "tests/store/rocks_fixture.hpp"
#include "tests/store/several_partitions.hpp"

namespace decklog::store::import_test {

using rocks_test::TempDir;
using testing::HasSubstr;

class PartitionsImport : public ::testing::Test {
  protected:
    domain::Result<Imported> import(const std::vector<std::string>& text) {
        auto importer = LedgerImporter::begin(rows, {}, {}).value();
        return import_lines(importer, text);
    }
    void expect_refused(const std::vector<std::string>& text, const std::string& why) {
        const auto imported = import(text);
        ASSERT_FALSE(imported.has_value()) << why;
        EXPECT_THAT(imported.error().context, HasSubstr(why));
        for (std::uint32_t partition = 0; partition < 3; ++partition)
            EXPECT_FALSE(stored_identity(rows, partition).value().has_value()) << partition;
    }
    /// Of the first line of partition 1.
    [[nodiscard]] std::size_t second_begins() const { return 1 + source->head(0).next_ordinal; }

    std::unique_ptr<Ledger> source = a_ledger({1, 3, 1, 2, 1, 1, 4}, 3);
    std::vector<std::string> lines = export_of(*source);
    MemoryRows rows;
};

TEST_F(PartitionsImport, BringsEveryFrameBackAndNamesAllAnew) {
    const auto imported = import(lines);
    ASSERT_TRUE(imported.has_value()) << imported.error().context;
    EXPECT_EQ(imported->events, 3U + 13U);
    EXPECT_EQ(imported->present, 0U);
    EXPECT_EQ(imported->from, source->ledger_id());
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        EXPECT_EQ(stored_identity(rows, partition).value(), imported->ledger) << partition;
        const auto expected = several::frames_of(*source, partition);
        std::vector<std::string> stored;
        FramePtr last;
        ASSERT_TRUE(read_frames(rows, {partition, 0}, [&](const FramePtr& frame) {
            stored.emplace_back(frame->bytes().begin(), frame->bytes().end());
            last = frame;
            return true;
        }));
        ASSERT_EQ(stored.size(), expected.size() + 1);
        stored.pop_back();
        EXPECT_TRUE(stored == expected) << partition;
        EXPECT_EQ(domain::fork_of(last->event(0))->to, *imported->ledger);
    }
}

TEST_F(PartitionsImport, SaysNothingNewWhenRepeated) {
    ASSERT_TRUE(import(lines));
    const auto again = import(lines);
    ASSERT_TRUE(again.has_value()) << again.error().context;
    EXPECT_FALSE(again->ledger.has_value());
    EXPECT_EQ(again->present, 16U);
}

TEST_F(PartitionsImport, GoesOnInThePartitionWhereItWasInterrupted) {
    {
        auto importer = LedgerImporter::begin(rows, {}, {}).value();
        for (const FramePtr& frame : frames_of(*source, 0)) ASSERT_TRUE(importer.take(frame));
        ASSERT_TRUE(importer.take(frames_of(*source, 1).front()));
        ASSERT_TRUE(importer.flush());
    }
    const auto imported = import(lines);
    ASSERT_TRUE(imported.has_value()) << imported.error().context;
    EXPECT_EQ(imported->present, source->head(0).next_ordinal + 1);
    EXPECT_TRUE(imported->ledger.has_value());
}

TEST_F(PartitionsImport, RefusesPartitionsThatAreMissingOrOutOfTurn) {
    auto cut = lines;
    cut.erase(cut.begin() + static_cast<std::ptrdiff_t>(second_begins()));
    expect_refused(cut, "(position 1:0): the line says 1:1: lines before it are missing");
    auto early = lines;
    early.resize(second_begins());
    early.push_back(lines.back());
    expect_refused(early, "the export goes up to 2:");
    auto swapped = lines;
    std::swap(swapped[1], swapped[second_begins()]);
    expect_refused(swapped, "(position 0:0): the line says 1:0");
}

TEST_F(PartitionsImport, RefusesTheFrameOfAnotherPartition) {
    auto odd = lines;
    const std::string& other = lines[second_begins()];
    const auto frame_at = [](const std::string& line) { return line.rfind(R"(,"frame":")"); };
    odd[2] = odd[2].substr(0, frame_at(odd[2])) + other.substr(frame_at(other));
    expect_refused(odd, "(position 0:1): the frame says that it stands elsewhere");
}

TEST_F(PartitionsImport, SaysWhereACutFileEnds) {
    auto cut = lines;
    cut.resize(second_begins() + 1);
    expect_refused(cut, "before 1:1 of 2:");
}

TEST_F(PartitionsImport, HoldsEachPartitionToItsChain) {
    const std::string chain = domain::to_hex(source->head(1).chain);
    auto odd = lines;
    odd.front().replace(odd.front().find(chain), 2, chain.substr(0, 2) == "ab" ? "cd" : "ab");
    const std::string last = std::to_string(source->head(1).next_ordinal - 1);
    expect_refused(odd, "the chain at 1:" + last);
}

TEST_F(PartitionsImport, RefusesAFirstLineThatLeavesAPartitionOut) {
    auto odd = lines;
    odd.front().replace(odd.front().find(R"("partition":1)"), 13, R"("partition":2)");
    expect_refused(odd, "says too little");
}

TEST_F(PartitionsImport, AnExportOfFewerPartitionsDoesNotFinishOneOfMore) {
    {
        auto importer = LedgerImporter::begin(rows, {}, {}).value();
        for (std::uint32_t partition = 0; partition < 2; ++partition) {
            for (const FramePtr& frame : frames_of(*source, partition))
                ASSERT_TRUE(importer.take(frame));
        }
        ASSERT_TRUE(importer.flush());
    }
    auto importer = LedgerImporter::begin(rows, {}, {}).value();
    for (const FramePtr& frame : frames_of(*source, 0)) ASSERT_TRUE(importer.take(frame));
    const auto finished = importer.finish("import", system_clock(), system_random());
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code, domain::ErrorCode::other_ledger);
}

TEST_F(PartitionsImport, MakesADirectoryThatOpensAndVerifies) {
    const TempDir root;
    {
        const auto lock = Directory::open(root.path(), std::chrono::milliseconds(0)).value();
        const auto directory = ImportDirectory::open(root.path()).value();
        ASSERT_TRUE(directory->expect_partitions(3));
        const auto imported = import_lines(directory->importer(), lines);
        ASSERT_TRUE(imported.has_value()) << imported.error().context;
    }
    std::ifstream format(root.path() / "FORMAT");
    const std::string text{std::istreambuf_iterator<char>(format), {}};
    EXPECT_EQ(text, "format 1\noldest_release 0.2.0\n");
    const auto ledger = rocks_test::open(root.path());
    ASSERT_EQ(ledger->partitions(), 3U);
    const VerifyReport report = verify(*ledger, {}).value();
    EXPECT_TRUE(report.ok()) << report.problem;
    EXPECT_TRUE(several::submit_to(*ledger, 2, rocks_test::append("room/x")));
}

}  // namespace decklog::store::import_test
