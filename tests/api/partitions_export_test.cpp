// The export of a ledger of several partitions: one after the other, and the full one comes back
// event for event.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "api/exporting/exporter.hpp"
#include "api/exporting/line_check.hpp"
#include "store/import/full_import.hpp"
#include "store/rows/log_rows.hpp"
#include "store/rows/memory_rows.hpp"
#include "tests/store/several_partitions.hpp"

namespace partitions_export_test {

using namespace decklog;
using namespace decklog::api;
using boost::json::object;
namespace several = store::several;

class PartitionsExport : public ::testing::Test {
  protected:
    PartitionsExport() {
        several::fill(*ledger_);
        core_.ledger = ledger_.get();
        core_.vault = vault_.get();
    }
    [[nodiscard]] std::vector<std::string> exported(store::EventFilter filter = {}) {
        std::string text;
        ExportOrder order;
        order.filters.assign(ledger_->partitions(), filter);
        export_log(core_, std::move(order))([&text](std::string piece) {
            text += piece;
            return true;
        });
        std::vector<std::string> lines;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = text.find('\n', begin);
            if (end > begin) lines.push_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
        return lines;
    }
    static object parsed(const std::string& line) { return boost::json::parse(line).as_object(); }
    /// Of the event lines, in their order.
    [[nodiscard]] std::vector<std::string> positions(const std::vector<std::string>& lines) {
        std::vector<std::string> found;
        for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
            const auto position = parsed(lines[i]).at("position").as_string();
            found.emplace_back(position.subview(position.find('.') + 1));
        }
        return found;
    }

    std::unique_ptr<store::Ledger> ledger_ = store::make_memory_ledger(several::options());
    std::unique_ptr<store::Vault> vault_ = store::make_memory_vault(nullptr);
    Core core_;
};

TEST_F(PartitionsExport, NamesTheHeadOfEachAndListsOneAfterTheOther) {
    const auto lines = exported();
    const object begin = parsed(lines.front());
    EXPECT_EQ(begin.at("format"), 2) << "an older release must not take it for one partition";
    EXPECT_EQ(begin.at("full"), true);
    EXPECT_EQ(begin.at("events"), 63);
    EXPECT_FALSE(begin.contains("chain"));
    const auto& list = begin.at("partitions").as_array();
    ASSERT_EQ(list.size(), 3U);
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        const store::Head head = ledger_->head(partition);
        const object& one = list[partition].as_object();
        EXPECT_EQ(one.at("partition"), partition);
        EXPECT_EQ(one.at("events").to_number<std::uint64_t>(), head.next_ordinal);
        EXPECT_EQ(one.at("chain").as_string(), domain::to_hex(head.chain));
        EXPECT_EQ(one.at("position").as_string(),
                  domain::to_cursor(ledger_->ledger_id(), {partition, head.next_ordinal - 1}));
    }
    std::vector<std::string> expected;
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        for (std::uint64_t i = 0; i < ledger_->head(partition).next_ordinal; ++i)
            expected.push_back(std::to_string(partition) + ":" + std::to_string(i));
    }
    EXPECT_EQ(positions(lines), expected);
    EXPECT_EQ(parsed(lines.back()).at("events"), 63);
}

TEST_F(PartitionsExport, ComesBackEventForEvent) {
    store::MemoryRows rows;
    auto importer = store::LedgerImporter::begin(rows, {}, {}).value();
    store::FullImport import(importer, contradiction);
    store::LineGroup group;
    for (const std::string& line : exported()) group.push_back({group.size() + 1, line, false});
    ASSERT_TRUE(import.take(std::move(group)));
    const auto imported = import.finish(store::system_clock(), store::system_random());
    ASSERT_TRUE(imported) << imported.error().context;
    EXPECT_EQ(imported->events, 63U);
    for (std::uint32_t partition = 0; partition < 3; ++partition) {
        std::vector<std::string> stored;
        ASSERT_TRUE(
            store::read_frames(rows, {partition, 0}, [&stored](const store::FramePtr& frame) {
                stored.emplace_back(frame->bytes().begin(), frame->bytes().end());
                return true;
            }));
        stored.pop_back();  // the fork
        EXPECT_TRUE(stored == several::frames_of(*ledger_, partition)) << partition;
    }
}

TEST_F(PartitionsExport, FiltersLookIntoAllOfThem) {
    store::EventFilter filter;
    filter.conversations = {"room/0"};
    const auto lines = exported(filter);
    EXPECT_EQ(positions(lines),
              (std::vector<std::string>{"0:1", "0:6", "1:1", "1:6", "1:11", "1:16", "2:1", "2:6",
                                        "2:11", "2:16", "2:21", "2:26"}));
    EXPECT_EQ(parsed(lines.front()).at("full"), false);
    EXPECT_EQ(parsed(lines.back()).at("events"), 12);
}

TEST_F(PartitionsExport, GoesOnFromAPositionOfAnyOfThem) {
    store::EventFilter filter;
    filter.from = domain::Position{1, 18};
    filter.to = domain::Position{2, 1};
    EXPECT_EQ(positions(exported(filter)),
              (std::vector<std::string>{"1:18", "1:19", "1:20", "2:0", "2:1"}));
    filter.to.reset();
    EXPECT_EQ(exported(filter).size(), 3U + 31U + 2U);
}

}  // namespace partitions_export_test
