#include "tests/e2e/view_rows.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <map>
#include <memory>
#include <string>

#include "projections/engine.hpp"
#include "projections/rocks_rows.hpp"
#include "projections/views_database.hpp"
#include "tests/e2e/file_search.hpp"
#include "tests/e2e/traces.hpp"

namespace decklog::e2e {
namespace view_rows {

using Rows = std::map<std::string, std::string, std::less<>>;
using ParkedRows = std::map<std::string, std::pair<std::uint64_t, std::uint64_t>>;

/// Which build of the program and which ledger they belong to: behind the line that names the
/// format.
std::string owner_of(const std::filesystem::path& views) {
    std::string owner;
    for_each_row(views, [&](std::string_view family, std::string_view key, std::string_view value) {
        if (family == "meta" && key == "owner") owner = value.substr(value.find('\n') + 1);
    });
    EXPECT_FALSE(owner.empty());
    return owner;
}

void expect_replayed(const projections::ViewsDatabase& database, const store::LogReader& log,
                     const projections::View& view, const std::string& instance) {
    const auto family = database.find(instance);
    const auto record = database.record(instance);
    const auto parked = database.parked(instance);
    ASSERT_TRUE(family && record && *record && parked) << instance;
    ASSERT_GT((*record)->next_ordinal, 0U) << instance << " has folded nothing";
    projections::ReplayRange range;
    range.to_ordinal = (*record)->next_ordinal - 1;
    const auto replayed = projections::replay(log, view, range);
    ASSERT_TRUE(replayed) << replayed.error().context;
    EXPECT_EQ(replayed->next_ordinal, (*record)->next_ordinal) << instance;
    Rows rows;
    projections::RocksRows(family, std::make_shared<projections::ReadHealth>())
        .scan("", "", [&rows](std::string_view key, std::string_view value) {
            rows.emplace(key, value);
            return true;
        });
    EXPECT_TRUE(rows == replayed->rows.rows())
        << instance << " has " << rows.size() << " rows, a replay " << replayed->rows.rows().size();
    ParkedRows live, folded;
    for (const auto& [key, at] : *parked) live[key] = {at.ordinal, at.events};
    for (const auto& each : replayed->parked) folded[each.key] = {each.ordinal, each.events};
    EXPECT_EQ(live, folded) << instance;
}

}  // namespace view_rows

void expect_replay_gives_the_rows_of(const std::filesystem::path& data) {
    const auto ledger = open_read_only(data);
    ASSERT_TRUE(ledger);
    const std::string owner = view_rows::owner_of(data / "views");
    const auto database = projections::ViewsDatabase::open(data / "views", owner);
    ASSERT_TRUE(database) << database.error().context;
    for (const projections::View* view : projections::all_views()) {
        const auto live = database->live(view->name());
        ASSERT_TRUE(live && *live) << view->name();
        view_rows::expect_replayed(*database, *ledger, *view, **live);
        const auto kept = database->kept(view->name());
        ASSERT_TRUE(kept) << view->name();
        if (*kept) view_rows::expect_replayed(*database, *ledger, *view, (*kept)->instance);
    }
    ledger->stop();
}

}  // namespace decklog::e2e
