#include "tools/decklog/terminal.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace decklog::cli::terminal_test {

std::size_t columns(std::string_view line) {
    return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

TEST(TableTest, FitsAHundredColumnsHoweverLongItsCells) {
    Table table({"A", "B", "C"});
    table.add({std::string(300, 'x'), "short", std::string(150, 'y')});
    table.add({"1", "2", "3"});
    for (const std::string& line : table.lines()) EXPECT_LE(columns(line), kColumnsMax) << line;
    EXPECT_NE(table.lines()[1].find("short"), std::string::npos) << "only the wide ones are cut";
    EXPECT_NE(table.lines()[1].find("…"), std::string::npos);
}

TEST(TableTest, NeverCutsAnIdThatACommandTakes) {
    Table table({"ID", "NAME", "STATE"});
    table.add({std::string(70, 'i'), std::string(80, 'n'), "on"});
    EXPECT_EQ(table.lines()[1].find(std::string(70, 'i') + "  nnn"), 0U) << table.lines()[1];
    EXPECT_LE(columns(table.lines()[1]), kColumnsMax);
    table.add({std::string(120, 'i'), "n", "on"});
    EXPECT_EQ(table.lines()[2].find(std::string(120, 'i') + "  n"), 0U) << "wider than a line";
}

TEST(TableTest, AlignsByCodePoints) {
    Table table({"NAME", "N"});
    table.add({"äöü", "1"});
    table.add({"abcd", "2"});
    const auto lines = table.lines();
    EXPECT_EQ(lines[1], "äöü   1");
    EXPECT_EQ(lines[2], "abcd  2");
}

TEST(TableTest, AStoredTextCannotDriveTheTerminal) {
    EXPECT_EQ(printable("a\x1b[31mb\nc\x7f"), "a·[31mb·c·");
    EXPECT_EQ(printable("caf\xC3\xA9 \xC2\x9B!"), "café ·!");
}

TEST(TableTest, GroupsDigits) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1'000), "1,000");
    EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

TEST(ShortenedTest, KeepsBothEndsOfWhatIsTooLong) {
    EXPECT_EQ(shortened("/srv/backups", 12), "/srv/backups");
    EXPECT_EQ(shortened("/srv/backups/decklog", 11), "/srv/…cklog");
    EXPECT_EQ(columns(shortened("ääääääääääää", 7)), 7U);
    EXPECT_EQ(shortened("ääääöööö", 5), "ää…öö");
}

TEST(ProgressTest, TellsShareRateAndTimeLeft) {
    EXPECT_EQ(progress_line("rebuild of audit", 2'500, 10'000, 2),
              "rebuild of audit [#######.......................]  25%  1,250/s  6 s left");
    EXPECT_EQ(progress_line("copy", 10, 10, 4),
              "copy [##############################] 100%  2/s  0 s left");
}

TEST(ProgressTest, DoesNotKnowTheTimeLeftBeforeAnythingIsDone) {
    EXPECT_EQ(progress_line("copy", 0, 10'000, 1),
              "copy [..............................]   0%  0/s  ? s left");
    EXPECT_EQ(progress_line("copy", 0, 0, 0),
              "copy [##############################] 100%  0/s  0 s left")
        << "nothing to do is done";
}

}  // namespace decklog::cli::terminal_test
