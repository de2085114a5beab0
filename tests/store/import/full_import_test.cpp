// A full export comes back frame for frame, or is refused with the line and the position that is
// wrong; what was interrupted goes on; what was finished says so.
#include "store/import/full_import.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/ledger/lineage.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/log_rows.hpp"
#include "store/rows/memory_rows.hpp"
#include "tests/store/import/export_text.hpp"

namespace decklog::store::import_test {

LedgerImporter importer_of(RowStore& rows) { return LedgerImporter::begin(rows, {}, {}).value(); }

std::vector<FramePtr> frames_in(const RowReader& rows) {
    std::vector<FramePtr> frames;
    EXPECT_TRUE(read_frames(rows, {0, 0}, [&frames](const FramePtr& frame) {
        frames.push_back(frame);
        return true;
    }));
    return frames;
}

std::string bytes_of(const Frame& frame) { return {frame.bytes().begin(), frame.bytes().end()}; }

class FullImportTest : public ::testing::Test {
  protected:
    domain::Result<Imported> import(const std::vector<std::string>& text, std::size_t group = 3) {
        LedgerImporter importer = importer_of(rows);
        return import_lines(importer, text, group);
    }
    void expect_refused(const std::vector<std::string>& text, const std::string& where,
                        const std::string& why) {
        const auto imported = import(text);
        ASSERT_FALSE(imported.has_value()) << where;
        EXPECT_NE(imported.error().context.find(where), std::string::npos)
            << imported.error().context;
        EXPECT_NE(imported.error().context.find(why), std::string::npos)
            << imported.error().context;
        EXPECT_FALSE(stored_identity(rows).value().has_value()) << "half an import is no ledger";
    }

    std::unique_ptr<Ledger> source = a_ledger({1, 3, 1, 2, 1, 1, 4});
    std::vector<std::string> lines = export_of(*source);
    MemoryRows rows;
};

TEST_F(FullImportTest, BringsEveryFrameBackAndNamesTheLedgerAnew) {
    const auto imported = import(lines);
    ASSERT_TRUE(imported.has_value()) << imported.error().context;
    EXPECT_EQ(imported->events, source->head(0).next_ordinal);
    EXPECT_EQ(imported->present, 0U);
    EXPECT_EQ(imported->from, source->ledger_id());
    ASSERT_TRUE(imported->ledger.has_value());
    EXPECT_NE(*imported->ledger, source->ledger_id());

    const auto before = frames_of(*source);
    const auto after = frames_in(rows);
    ASSERT_EQ(after.size(), before.size() + 1);
    for (std::size_t i = 0; i < before.size(); ++i)
        EXPECT_EQ(bytes_of(*before[i]), bytes_of(*after[i])) << i;
    const auto fork = domain::fork_of(after.back()->event(0));
    ASSERT_TRUE(fork.has_value());
    EXPECT_EQ(fork->from, source->ledger_id());
    EXPECT_EQ(fork->to, *imported->ledger);
    EXPECT_EQ(fork->reason, "import");
    EXPECT_EQ(after.back()->event(0).stream_version(), 2U);
    EXPECT_EQ(stored_identity(rows).value(), imported->ledger);
    EXPECT_EQ(stored_head(rows, 0).value()->next_ordinal, imported->events + 1);
}

TEST_F(FullImportTest, SaysNothingNewWhenRepeated) {
    ASSERT_TRUE(import(lines).has_value());
    const auto frames = frames_in(rows).size();
    const auto again = import(lines);
    ASSERT_TRUE(again.has_value()) << again.error().context;
    EXPECT_FALSE(again->ledger.has_value());
    EXPECT_EQ(again->present, again->events);
    EXPECT_EQ(frames_in(rows).size(), frames);
}

TEST_F(FullImportTest, GoesOnWhereItWasInterrupted) {
    {
        LedgerImporter importer = importer_of(rows);
        const auto frames = frames_of(*source);
        for (std::size_t i = 0; i < 3; ++i) ASSERT_TRUE(importer.take(frames[i]).has_value());
        ASSERT_TRUE(importer.flush().has_value());
    }
    const std::uint64_t stood_at = stored_head(rows, 0).value()->next_ordinal;
    EXPECT_EQ(stood_at, 5U);
    const auto imported = import(lines);
    ASSERT_TRUE(imported.has_value()) << imported.error().context;
    EXPECT_EQ(imported->present, stood_at);
    EXPECT_TRUE(imported->ledger.has_value());
}

TEST_F(FullImportTest, AnotherExportDoesNotGoOnAfterAnInterruptedOne) {
    {
        LedgerImporter importer = importer_of(rows);
        ASSERT_TRUE(importer.take(frames_of(*source).front()).has_value());
        ASSERT_TRUE(importer.flush().has_value());
    }
    const auto other = a_ledger({1, 1});
    expect_refused(export_of(*other), "line 2 (position 0:0)", "another event stands here");
}

TEST_F(FullImportTest, ALaterExportOfTheSourceIsRefusedAtTheFork) {
    ASSERT_TRUE(import(lines).has_value());
    std::vector<Submission> submissions(1);
    submissions.front().intent = several({an_event(99, 10)});
    ASSERT_TRUE(submit_and_wait(*source, 0, std::move(submissions)).front());
    const auto again = import(export_of(*source));
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, domain::ErrorCode::other_ledger);
    EXPECT_NE(again.error().context.find("(position 0:14)"), std::string::npos)
        << again.error().context;
}

TEST_F(FullImportTest, NamesTheLineOfAFlippedByte) {
    for (const std::size_t offset : {12U, 100U, 300U}) {
        auto damaged = lines;
        char& c = damaged[2][damaged[2].rfind("\"frame\":\"") + offset];
        c = c == 'A' ? 'B' : 'A';
        expect_refused(damaged, "line 3 (position 0:1)", "frame");
    }
}

TEST_F(FullImportTest, NamesTheLineOfAnEventThatTheFrameDoesNotHold) {
    auto damaged = lines;
    const std::size_t id = damaged[4].find("\"eventId\":\"") + 11;
    damaged[4][id] = damaged[4][id] == '0' ? '1' : '0';
    expect_refused(damaged, "line 5 (position 0:3)", "the frame holds another event");
}

TEST_F(FullImportTest, NamesMissingDoubledAndSwappedLines) {
    auto missing = lines;
    missing.erase(missing.begin() + 3);
    expect_refused(missing, "line 4 (position 0:2)", "0:3: lines before it are missing");
    auto doubled = lines;
    doubled.insert(doubled.begin() + 3, doubled[2]);
    expect_refused(doubled, "line 4 (position 0:2)", "0:1, which came before");
    auto swapped = lines;
    std::swap(swapped[1], swapped[2]);
    expect_refused(swapped, "line 2 (position 0:0)", "0:1: lines before it are missing");
}

TEST_F(FullImportTest, SaysWhereACutFileEnds) {
    for (const std::size_t kept : {1U, 5U, 14U}) {
        const std::vector<std::string> cut(lines.begin(),
                                           lines.begin() + static_cast<std::ptrdiff_t>(kept));
        expect_refused(cut, "after line " + std::to_string(kept), "it was cut");
    }
    auto halved = lines;
    halved.resize(6);
    halved.back().resize(halved.back().size() / 2);
    expect_refused(halved, "line 6 (position 0:4)", "JSON");
    const auto whole = import(lines);
    EXPECT_TRUE(whole.has_value()) << "the whole file goes on where a cut one ended";
}

TEST_F(FullImportTest, RefusesWhatIsNoFullExport) {
    expect_refused({}, "the file is empty", "");
    expect_refused({"{}"}, "line 1", "not the first line");
    expect_refused({"nonsense"}, "line 1", "JSON");
    expect_refused({"\xff\xfe{}"}, "line 1", "JSON");
    expect_refused({R"({"export":"begin","format":1,"full":false})"}, "line 1", "filters");
    expect_refused({R"({"export":"begin","format":3,"full":true})"}, "line 1", "format");
    expect_refused({R"({"export":"begin","format":2,"full":true})"}, "line 1", "too little");
    expect_refused({R"({"export":"begin","format":1,"full":true})"}, "line 1", "too little");
    expect_refused({R"({"export":"begin","export":"begin"})"}, "line 1", "twice");
    auto failed = lines;
    failed[5] = R"({"export":"failed","error":"x"})";
    expect_refused(failed, "line 6", "failed");
    auto after = lines;
    after.push_back(lines[1]);
    expect_refused(after, "line 17", "has ended");
    auto twice = lines;
    twice.insert(twice.begin() + 4, lines[0]);
    expect_refused(twice, "line 5", "another export begins");
}

TEST_F(FullImportTest, RefusesLinesThatAreTooLong) {
    LedgerImporter importer = importer_of(rows);
    FullImport import(importer);
    ASSERT_TRUE(import.take({{1, lines[0], false}}).has_value());
    ASSERT_TRUE(import.take({{2, "{\"posi", true}}).has_value()) << "still being read";
    const auto finished = import.finish(system_clock(), system_random());
    ASSERT_FALSE(finished.has_value());
    EXPECT_NE(finished.error().context.find("line 2"), std::string::npos);
}

TEST_F(FullImportTest, RefusesAChainThatIsNotTheOneNamed) {
    auto other = lines;
    const std::size_t at = other[0].find("\"chain\":\"") + 9;
    other[0][at] = other[0][at] == '0' ? '1' : '0';
    expect_refused(other, "the chain at 0:13", "not the one");
}

TEST_F(FullImportTest, RefusesFramesOfAnotherLedger) {
    const auto stranger = a_ledger({1, 3, 1, 2, 1, 1, 4});
    auto mixed = lines;
    mixed[2] = export_of(*stranger)[2];
    mixed[2].replace(mixed[2].find("\"position\":\"") + 12, 8,
                     domain::to_hex(source->ledger_id().bytes).substr(0, 8));
    expect_refused(mixed, "line 3 (position 0:1)", "another ledger");
}

TEST_F(FullImportTest, ChecksTheChainAgainstHead) {
    LedgerImporter first = importer_of(rows);
    ASSERT_TRUE(first.take(frames_of(*source).front()).has_value());
    ASSERT_TRUE(first.flush().has_value());
    const auto ahead = LedgerImporter::begin(rows, {HeadFile{{0, 5}, {}}}, {});
    ASSERT_FALSE(ahead.has_value());
    EXPECT_NE(ahead.error().context.find("0:5"), std::string::npos);
    LedgerImporter other = LedgerImporter::begin(rows, {HeadFile{{0, 0}, {}}}, {}).value();
    EXPECT_FALSE(other.take(frames_of(*source).front()).has_value());
}

RC_GTEST_PROP(FullImportProperty, AnyLogComesBackInAnyGroups, ()) {
    const auto sizes = *rc::gen::container<std::vector<std::size_t>>(
        *rc::gen::inRange<std::size_t>(1, 30), rc::gen::inRange<std::size_t>(1, 5));
    const auto group = *rc::gen::inRange<std::size_t>(1, 20);
    const auto source = a_ledger(sizes);
    MemoryRows rows;
    const auto frames = frames_of(*source);
    {
        LedgerImporter interrupted = importer_of(rows);
        const auto taken = *rc::gen::inRange<std::size_t>(0, frames.size());
        for (std::size_t i = 0; i < taken; ++i) RC_ASSERT(interrupted.take(frames[i]).has_value());
        RC_ASSERT(interrupted.flush().has_value());
    }
    LedgerImporter importer = importer_of(rows);
    const auto imported = import_lines(importer, export_of(*source), group);
    RC_ASSERT(imported.has_value());
    const auto after = frames_in(rows);
    RC_ASSERT(after.size() == frames.size() + 1);
    for (std::size_t i = 0; i < frames.size(); ++i)
        RC_ASSERT(bytes_of(*after[i]) == bytes_of(*frames[i]));
}

}  // namespace decklog::store::import_test
