// What nobody should send: mutated payloads, floods of items, odd text. Nothing crashes, nothing is
// 5xx, and whatever is answered 200 is stored.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "ingest/blanking.hpp"
#include "ingest/limits.hpp"
#include "ingest/unicode.hpp"
#include "tests/ingest/fixtures.hpp"
#include "tests/ingest/harbour.hpp"

namespace decklog::ingest::hostile_input_test {

using harbour::Harbour;
namespace json = boost::json;

// ---- mutations -----------------------------------------------------------------------------

json::value odd_value() {
    static const json::array kOdd{nullptr,
                                  true,
                                  -1,
                                  0,
                                  9'223'372'036'854'775'807,
                                  18'446'744'073'709'551'615ULL,
                                  1e300,
                                  "",
                                  "-",
                                  std::string(300, 'x'),
                                  "line\nbreak",
                                  "😆",
                                  json::array{},
                                  json::object{},
                                  json::array{json::array{nullptr}},
                                  json::object{{"id", json::object{}}}};
    return kOdd[*rc::gen::inRange<std::size_t>(0, kOdd.size())];
}

/// Replaces, removes or doubles one value somewhere below.
void mutate(json::value& value) {
    const bool here = *rc::gen::inRange(0, 4) == 0;
    if (auto* object = value.if_object(); object != nullptr && !object->empty() && !here) {
        auto member = object->begin() + *rc::gen::inRange<std::ptrdiff_t>(
                                            0, static_cast<std::ptrdiff_t>(object->size()));
        if (*rc::gen::inRange(0, 6) == 0) {
            object->erase(member);
        } else {
            mutate(member->value());
        }
    } else if (auto* array = value.if_array(); array != nullptr && !array->empty() && !here) {
        const auto index = *rc::gen::inRange<std::size_t>(0, array->size());
        if (*rc::gen::inRange(0, 6) == 0) {
            const json::value again = (*array)[index];
            array->push_back(again);
        } else {
            mutate((*array)[index]);
        }
    } else {
        value = odd_value();
    }
}

std::string mutated(const std::string& body) {
    json::value value = json::parse(body);
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) mutate(value);
    return json::serialize(value);
}

TEST(HostileInput, MutatedPayloadsAreAnsweredAndNeverBreakAnything) {
    DECKLOG_NEEDS_FIXTURES();
    const auto all = fixtures::all();
    Harbour harbour;
    EXPECT_TRUE(rc::check("mutations of every payload", [&] {
        const auto& fixture = all[*rc::gen::inRange<std::size_t>(0, all.size())];
        RC_PRE(fixture.content_type == "application/json");
        const std::string body = mutated(fixture.body);
        const HookAnswer answer = harbour.post(fixture.platform, body);
        RC_ASSERT(answer.status < 500);
        RC_ASSERT(answer.status == 200 || answer.status == 204 || answer.status == 400);
    }));
}

TEST(HostileInput, BytesInsteadOfJsonAreAnsweredBelow500) {
    Harbour harbour;
    EXPECT_TRUE(rc::check("any bytes", [&] {
        const auto body = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
        for (const Platform platform :
             {Platform::telegram, Platform::discord, Platform::whatsapp, Platform::slack}) {
            RC_ASSERT(harbour.post(platform, body).status < 500);
            RC_ASSERT(harbour.post(platform, body, "application/x-www-form-urlencoded").status <
                      500);
        }
    }));
}

// ---- bounds --------------------------------------------------------------------------------

TEST(HostileInput, TooManyItemsAreOneUnrecognised) {
    Harbour harbour;
    std::string ids;
    for (std::size_t i = 0; i <= limits::kItemsPerBodyMax; ++i)
        ids += (i == 0 ? "" : ",") + std::to_string(i + 1);
    const std::string body =
        R"({"update_id":1,"deleted_business_messages":{"business_connection_id":"1","chat":{"id":-5,"type":"group"},"message_ids":[)" +
        ids + "]}}";
    EXPECT_EQ(harbour.post(Platform::telegram, body).status, 200);
    ASSERT_EQ(harbour.stored().size(), 1U);
    EXPECT_EQ(harbour.last().payload_as<fb::UnrecognisedReceived>().field, "too_many_items");
    EXPECT_TRUE(harbour.last().payload_as<fb::UnrecognisedReceived>().too_large);
}

TEST(HostileInput, ATooLongRoomIdMakesTheItemUnrecognised) {
    Harbour harbour;
    const std::string room(201, 'C');
    const std::string body =
        R"({"type":"event_callback","team_id":"T1","event_id":"Ev1","event":{"type":"message","user":"U1","ts":"1771442483.260129","text":"t","channel":")" +
        room + "\"}}";
    EXPECT_EQ(harbour.post(Platform::slack, body).status, 200);
    EXPECT_EQ(harbour.last().type, "UnrecognisedReceived");
}

TEST(HostileInput, AWordFromOutsideThatIsNoWordIsOther) {
    Harbour harbour;
    harbour.post(Platform::telegram, R"({"update_id":1,"Ada Byron +4915112345678":{}})");
    EXPECT_EQ(harbour.last().payload_as<fb::UnrecognisedReceived>().field, "other");
}

// ---- text ----------------------------------------------------------------------------------

TEST(Unicode, EveryTextIsWalkedToItsEnd) {
    EXPECT_TRUE(rc::check("any bytes", [] {
        const auto text = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
        RC_ASSERT(code_points(text) <= text.size());
        RC_ASSERT(code_points_before(text, 1'000'000) == code_points(text));
        RC_ASSERT(code_points_before(text, 0) == 0U);
    }));
}

TEST(Unicode, SurrogatePairsCountTwoUnits) {
    const std::string_view text = "a😆é";
    EXPECT_EQ(code_points(text), 3U);
    EXPECT_EQ(code_points_before(text, 1), 1U);
    EXPECT_EQ(code_points_before(text, 3), 2U);
    EXPECT_EQ(code_points_before(text, 4), 3U);
}

TEST(Blanking, FindsKeysAtAnyDepthAndLeavesEverythingElse) {
    const std::string_view keys[] = {"token"};
    EXPECT_EQ(blanked(R"({"a":[{"token" : "s\"ecret"}],"b":"token","token":5,"\u0074oken":"x"})",
                      false, keys),
              R"({"a":[{"token" : "********"}],"b":"token","token":5,"\u0074oken":"*"})");
}

TEST(Blanking, KeepsLengthAndJsonWhatever) {
    const std::string_view keys[] = {"token", "response_url"};
    EXPECT_TRUE(rc::check("json with bearer values", [&] {
        const auto character =
            rc::gen::oneOf(rc::gen::inRange<char>(32, 127), rc::gen::element('"', '\\', '\n', ':'));
        const auto word = rc::gen::container<std::string>(character);
        const auto key =
            rc::gen::element<std::string>("token", "response_url", "text", "a\"b", "token\\");
        json::object object;
        for (int i = *rc::gen::inRange(0, 8); i > 0; --i) object[*key] = *word;
        const std::string body = json::serialize(json::array{object, "token"});
        const std::string kept = blanked(body, false, keys);
        RC_ASSERT(kept.size() == body.size());
        const json::object after = json::parse(kept).at(0).as_object();
        for (const auto& member : object) {
            const bool bearer = member.key() == "token" || member.key() == "response_url";
            RC_ASSERT(bearer || after.at(member.key()) == member.value());
            RC_ASSERT(!bearer || after.at(member.key()).as_string().find_first_not_of('*') ==
                                     json::string::npos);
        }
    }));
}

}  // namespace decklog::ingest::hostile_input_test
