// Holds domain/events.fbs to every released schema, then proves the gate: each way to break a
// schema is tried on a small one.
#include "tests/domain/schema_gate.hpp"

#include <flatbuffers/idl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/domain/golden_files.hpp"

namespace decklog::domain::schema_gate_test {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kReleased = R"(
    namespace t;
    enum Color : ubyte { Red = 0, Green = 1, Blue = 2 }
    struct Point { x:int; y:int; }
    table Cat { lives:int; }
    table Dog { name:string; }
    union Pet { Cat, Dog }
    union Alias { A:Cat, B:Dog }
    table Inner { id:string (required); note:string; }
    table Root {
      count:int = 7; color:Color; place:Point; pet:Pet; alias:Alias; inners:[Inner]; rate:double; size:ulong = null; last:string;
    }
    file_identifier "TEST";
    root_type Root;
)";

std::unique_ptr<flatbuffers::Parser> parsed(const std::string& schema) {
    auto parser = std::make_unique<flatbuffers::Parser>();
    EXPECT_TRUE(parser->Parse(schema.c_str())) << parser->error_;
    return parser;
}

std::vector<std::uint8_t> compiled(const std::string& schema) {
    const auto parser = parsed(schema);
    parser->Serialize();
    return {parser->builder_.GetBufferPointer(),
            parser->builder_.GetBufferPointer() + parser->builder_.GetSize()};
}

std::string with(std::string_view part, std::string_view replacement) {
    std::string schema(kReleased);
    const auto at = schema.find(part);
    EXPECT_NE(at, std::string::npos) << part;
    return schema.replace(at, part.size(), replacement);
}

std::vector<std::string> breaks_of(const std::string& changed) {
    return breaks(compiled(std::string(kReleased)), compiled(changed));
}

/// What `flatc --conform` says; empty: it accepts.
std::string conform_says(const std::string& changed) {
    return parsed(changed)->ConformTo(*parsed(std::string(kReleased)));
}

TEST(SchemaGate, EventsSchemaFollowsEveryReleasedSchema) {
    const auto current = golden::read_bytes(DECKLOG_EVENTS_BFBS);
    ASSERT_TRUE(current.has_value());
    std::size_t released = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(golden::kDirectory / "schema" / "released")) {
        if (entry.path().extension() != ".bfbs") continue;
        ++released;
        const auto bytes = golden::read_bytes(entry.path());
        ASSERT_TRUE(bytes.has_value());
        EXPECT_THAT(breaks(*bytes, *current), IsEmpty()) << "against " << entry.path().filename();
    }
    EXPECT_GE(released, 1U);
}

TEST(SchemaGate, AcceptsTheSameSchema) {
    EXPECT_THAT(breaks_of(std::string(kReleased)), IsEmpty());
}

TEST(SchemaGate, AcceptsWhatOnlyGrows) {
    EXPECT_THAT(breaks_of(with("last:string;", "last:string; more:string; yet:[ubyte];")),
                IsEmpty());
    EXPECT_THAT(breaks_of(with("table Cat", "table Bird { wings:int; }\n table Cat")), IsEmpty());
    EXPECT_THAT(breaks_of(with("Blue = 2", "Blue = 2, Black = 3")), IsEmpty());
    EXPECT_THAT(breaks_of(with("{ Cat, Dog }", "{ Cat, Dog, Inner }")), IsEmpty());
    EXPECT_THAT(breaks_of(with("rate:double", "rate:double (deprecated)")), IsEmpty());
}

TEST(SchemaGate, RefusesADeletedTrailingField) {
    EXPECT_THAT(breaks_of(with(" last:string;", "")),
                ElementsAre("t.Root.last was deleted; mark it deprecated"));
}

TEST(SchemaGate, RefusesAReusedSlot) {
    EXPECT_THAT(breaks_of(with("last:string;", "other:string;")),
                ElementsAre("t.Root.last's slot is reused by other"));
    EXPECT_THAT(
        breaks_of(with("count:int = 7", "amount:int = 8")),
        ElementsAre("t.Root.count's slot is reused by amount", "t.Root.count changed its default"));
}

TEST(SchemaGate, RefusesAFieldPutInTheMiddle) {
    EXPECT_FALSE(breaks_of(with("lives:int;", "age:int; lives:int;")).empty());
}

TEST(SchemaGate, RefusesRequiredThatComesOrGoes) {
    EXPECT_THAT(breaks_of(with("note:string;", "note:string (required);")),
                ElementsAre("t.Inner.note became required"));
    EXPECT_THAT(breaks_of(with("id:string (required);", "id:string;")),
                ElementsAre("t.Inner.id is no longer required"));
    EXPECT_THAT(breaks_of(with("note:string;", "note:string; extra:string (required);")),
                ElementsAre("t.Inner.extra is new and required"));
}

TEST(SchemaGate, RefusesAChangedDefault) {
    EXPECT_THAT(breaks_of(with("count:int = 7", "count:int = 8")),
                ElementsAre("t.Root.count changed its default"));
    EXPECT_THAT(breaks_of(with("rate:double", "rate:double = 0.5")),
                ElementsAre("t.Root.rate changed its default"));
    EXPECT_THAT(breaks_of(with("size:ulong = null", "size:ulong")),
                ElementsAre("t.Root.size changed between null and a default"));
}

TEST(SchemaGate, RefusesAChangedType) {
    EXPECT_THAT(breaks_of(with("lives:int", "lives:uint")),
                ElementsAre("t.Cat.lives changed its type"));
    EXPECT_THAT(breaks_of(with("inners:[Inner]", "inners:[Cat]")),
                ElementsAre("t.Root.inners changed its type"));
    EXPECT_THAT(breaks_of(with("last:string", "last:[ubyte]")),
                ElementsAre("t.Root.last changed its type"));
}

TEST(SchemaGate, RefusesAnEnumValueThatGoesOrMoves) {
    EXPECT_THAT(breaks_of(with(", Blue = 2", "")), ElementsAre("t.Color.Blue is gone or renamed"));
    EXPECT_THAT(breaks_of(with("Blue = 2", "Blue = 3")),
                ElementsAre("t.Color.Blue changed its number"));
}

TEST(SchemaGate, RefusesAnEnumOfAnotherSize) {
    const auto found = breaks_of(with("enum Color : ubyte", "enum Color : ushort"));
    EXPECT_THAT(found, testing::Contains("t.Color changed its base type"));
}

TEST(SchemaGate, RefusesAUnionMemberThatGoes) {
    EXPECT_THAT(breaks_of(with("{ Cat, Dog }", "{ Cat }")),
                ElementsAre("t.Pet.Dog is gone or renamed"));
}

TEST(SchemaGate, RefusesAUnionMemberReplacedAtItsOrdinal) {
    EXPECT_THAT(breaks_of(with("{ Cat, Dog }", "{ Cat, Inner }")),
                ElementsAre("t.Pet.Dog is gone or renamed"));
    EXPECT_THAT(breaks_of(with("A:Cat, B:Dog", "A:Cat, B:Inner")),
                ElementsAre("t.Alias.B stands for another table"));
    EXPECT_THAT(
        breaks_of(with("A:Cat, B:Dog", "A:Dog, B:Cat")),
        ElementsAre("t.Alias.A stands for another table", "t.Alias.B stands for another table"));
    EXPECT_THAT(breaks_of(with("A:Cat, B:Dog", "B:Dog, A:Cat")),
                testing::UnorderedElementsAre("t.Alias.A changed its number",
                                              "t.Alias.B changed its number"));
}

TEST(SchemaGate, RefusesARenamedTable) {
    std::string schema = with("table Inner", "table Nested");
    const auto at = schema.find("inners:[Inner]");
    schema.replace(at, 14, "inners:[Nested]");
    EXPECT_THAT(breaks_of(schema), testing::Contains("t.Inner is gone or renamed"));
}

TEST(SchemaGate, RefusesAnotherIdentifierOrRoot) {
    EXPECT_THAT(breaks_of(with("\"TEST\"", "\"TSET\"")), ElementsAre("file_identifier changed"));
    EXPECT_THAT(breaks_of(with("root_type Root", "root_type Cat")),
                ElementsAre("root type changed"));
}

TEST(SchemaGate, RefusesAnotherStructLayout) {
    EXPECT_THAT(breaks_of(with("{ x:int; y:int; }", "{ x:int; y:int; z:int; }")),
                ElementsAre("t.Point changed its layout"));
    EXPECT_THAT(breaks_of(with("{ x:int; y:int; }", "{ y:int; x:int; }")), testing::SizeIs(2));
    EXPECT_THAT(breaks_of(with("struct Point", "struct Point (force_align: 8)")),
                testing::Contains("t.Point changed its layout"));
    EXPECT_FALSE(breaks_of(with("struct Point", "table Point")).empty());
}

TEST(SchemaGate, RefusesBytesThatAreNoSchema) {
    const std::vector<std::uint8_t> noise(64, 0xAB);
    EXPECT_THAT(breaks(noise, compiled(std::string(kReleased))), testing::SizeIs(1));
    EXPECT_THAT(breaks(compiled(std::string(kReleased)), noise), testing::SizeIs(1));
}

// Why the gate exists. When a newer FlatBuffers refuses one of these, this test says so and its row
// may go.
TEST(SchemaGate, CatchesWhatFlatcConformLetsPass) {
    for (const std::string& changed :
         {with(" last:string;", ""), with("last:string;", "other:string;"),
          with("note:string;", "note:string (required);"), with(", Blue = 2", ""),
          with("A:Cat, B:Dog", "A:Dog, B:Cat"), with("\"TEST\"", "\"TSET\"")}) {
        EXPECT_EQ(conform_says(changed), "") << changed;
        EXPECT_FALSE(breaks_of(changed).empty()) << changed;
    }
}

}  // namespace decklog::domain::schema_gate_test
