#include "api/json_writer.hpp"

#include <gtest/gtest.h>

namespace json_writer_test {

using decklog::api::JsonWriter;
using decklog::api::on_one_line;

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
    JsonWriter json;
    json.begin_object()
        .field("a", "x")
        .key("b")
        .begin_array()
        .number(1)
        .number(-2)
        .begin_object()
        .end_object()
        .end_array();
    json.key("c").null().key("d").boolean(true).field_if_any("e", "").end_object();
    EXPECT_EQ(json.take(), R"({"a":"x","b":[1,-2,{}],"c":null,"d":true})");
    json.begin_array().end_array();
    EXPECT_EQ(json.take(), "[]");
}

TEST(JsonWriter, EscapesTextAndKeys) {
    JsonWriter json;
    json.begin_object().field("a\"b", "line\nbreak \x01 \\ \"").end_object();
    EXPECT_EQ(json.take(), R"({"a\"b":"line\nbreak \u0001 \\ \""})");
}

TEST(JsonWriter, KeepsRawTextButForTheSpaceBetweenItsTokens) {
    EXPECT_EQ(on_one_line("{ \"a b\" :\n [1.10 ,\t1E5, \"x \\\" y\\\\\" , \" \"] }"),
              R"({"a b":[1.10,1E5,"x \" y\\"," "]})");
}

}  // namespace json_writer_test
