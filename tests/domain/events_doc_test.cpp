// Holds docs/events.md to the registry and the schema: every type under a heading of its own with
// its number, action and version, every field of its table in that section, every clear path, known
// action and reserved name in its table.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "domain/audit/clear_details.hpp"
#include "domain/registry.hpp"
#include "tests/domain/golden_files.hpp"
#include "tests/domain/golden_samples.hpp"

namespace decklog::domain::events_doc_test {

std::string page() {
    const auto bytes =
        golden::read_bytes(std::filesystem::path(DECKLOG_SOURCE_DIR) / "docs" / "events.md");
    EXPECT_TRUE(bytes.has_value());
    return bytes ? std::string(bytes->begin(), bytes->end()) : std::string();
}

/// From the line that begins with `heading` to the next heading of its kind or above.
std::string section(const std::string& text, const std::string& heading) {
    const auto begin = text.find("\n" + heading);
    if (begin == std::string::npos) return {};
    const std::size_t depth = heading.find(' ');
    for (auto next = text.find("\n#", begin + 1); next != std::string::npos;
         next = text.find("\n#", next + 1)) {
        const std::size_t hashes = text.find_first_not_of('#', next + 1) - next - 1;
        if (hashes <= depth) return text.substr(begin, next - begin);
    }
    return text.substr(begin);
}

std::string code(std::string_view word) { return "`" + std::string(word) + "`"; }

std::string heading_of(const TypeInfo& info) {
    char number[8];
    std::snprintf(number, sizeof number, "0x%04X", static_cast<unsigned>(info.type));
    std::string heading = "### " + code(info.name) + " · " + number;
    if (!info.action.empty()) heading += " · action " + code(info.action);
    heading += " · version " + std::to_string(info.schema_version);
    return heading + (info.audited ? " · audited\n" : "\n");
}

std::set<std::string> fields_of(const std::string& table) {
    const auto bytes = golden::read_bytes(DECKLOG_EVENTS_BFBS);
    std::set<std::string> names;
    if (!bytes) return names;
    const reflection::Object* object =
        golden::find_table(*reflection::GetSchema(bytes->data()), table);
    if (object == nullptr) return names;
    for (const reflection::Field* field : *object->fields()) names.insert(field->name()->str());
    return names;
}

void expect_fields_named(const std::string& table, const std::string& text) {
    const auto fields = fields_of(table);
    EXPECT_FALSE(fields.empty()) << table;
    for (const std::string& field : fields) {
        EXPECT_NE(text.find(code(field)), std::string::npos)
            << table << "." << field << " is not described";
    }
}

/// Types told together (set and cleared, joined and left): their headings follow each other, the
/// text comes after the last.
std::string told_with_the_next(const std::string& text, const TypeInfo& info) {
    std::string own = section(text, heading_of(info).substr(0, heading_of(info).size() - 1));
    if (own.find("\n\n") != std::string::npos &&
        own.find_first_not_of('\n', own.find("\n\n")) != std::string::npos)
        return own;
    const auto* next = &info + 1;
    return own + section(text, heading_of(*next).substr(0, heading_of(*next).size() - 1));
}

TEST(EventsPage, DescribesEveryTypeUnderItsOwnHeading) {
    const std::string text = page();
    for (const TypeInfo& info : all_types()) {
        EXPECT_NE(text.find("\n" + heading_of(info)), std::string::npos)
            << "missing: " << heading_of(info);
    }
}

TEST(EventsPage, DescribesEveryFieldInTheSectionOfItsType) {
    const std::string text = page();
    for (const TypeInfo& info : all_types()) {
        const std::string family = section(text, "## Record");
        std::string told = told_with_the_next(text, info);
        if (family_of(static_cast<std::uint32_t>(info.type)) == Family::record)
            told += family.substr(0, family.find("###"));
        expect_fields_named(golden::table_name(info), told);
    }
}

TEST(EventsPage, DescribesTheEnvelopeAndTheSealedPart) {
    const std::string text = page();
    for (const char* table : {"decklog.fb.Event", "decklog.fb.Commit"})
        expect_fields_named(table, section(text, "## The envelope"));
    for (const char* table : {"decklog.fb.Personal", "decklog.fb.NativeId", "decklog.fb.Attachment",
                              "decklog.fb.Span"}) {
        expect_fields_named(table, section(text, "## The sealed part"));
    }
}

TEST(EventsPage, ListsTheClearPaths) {
    const std::string table = section(page(), "## Details that stand in the clear");
    for (const std::string_view path : clear_paths()) {
        EXPECT_NE(table.find("\n| " + code(path) + " |"), std::string::npos) << path;
    }
    const auto rows = [&] {
        std::size_t count = 0;
        for (auto at = table.find("\n| `"); at != std::string::npos;
             at = table.find("\n| `", at + 1))
            ++count;
        return count;
    }();
    EXPECT_EQ(rows, clear_paths().size()) << "a path on the page is not in the table of the code";
}

TEST(EventsPage, ListsTheKnownActionsWithTheirFlags) {
    const std::string table = section(page(), "## Known actions");
    const auto yes = [](bool flag) { return std::string(flag ? " yes |" : "  |"); };
    for (const ActionInfo& info : known_actions()) {
        const std::string row = "\n| " + code(info.action) + " |" + yes(info.critical) +
                                yes(info.failure) + yes(info.error) + "\n";
        EXPECT_NE(table.find(row), std::string::npos) << row;
    }
}

TEST(EventsPage, ListsReservedNamesThatAreReserved) {
    const std::string table = section(page(), "## Reserved names");
    std::size_t names = 0;
    for (auto at = table.find('`'); at != std::string::npos; at = table.find('`', at + 1)) {
        const auto end = table.find('`', at + 1);
        const std::string name = table.substr(at + 1, end - at - 1);
        at = end;
        if (name == "reserved_type" || find_action(name) != nullptr) continue;
        ++names;
        EXPECT_TRUE(is_reserved_name(name)) << name;
    }
    EXPECT_EQ(names, reserved_besides().size() + 2) << "two rows spell one name in two cases";
    for (const std::string_view name : reserved_besides())
        EXPECT_NE(table.find(code(name)), std::string::npos) << name;
}

}  // namespace decklog::domain::events_doc_test
