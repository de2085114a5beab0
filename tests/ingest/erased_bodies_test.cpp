// A raw body names people whom its events are not about. An erasure finds it all the same: every
// kind of body in tests/ingest/naming_bodies, one test each.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <set>

#include "ingest/native_ids.hpp"
#include "store/erasure.hpp"
#include "tests/ingest/harbour.hpp"
#include "tests/ingest/naming_bodies.hpp"

namespace decklog::ingest::erased_bodies_test {

using fixtures::NamingBody;

constexpr const char* kOthersWords = "ebb tide at four, all moorings checked";

const std::string& id_on(Platform platform) {
    static const fixtures::Named kWho = fixtures::somebody();
    switch (platform) {
        case Platform::telegram:
            return kWho.telegram;
        case Platform::discord:
            return kWho.discord;
        case Platform::whatsapp:
            return kWho.whatsapp;
        case Platform::slack:
            break;
    }
    return kWho.slack;
}

class RedeliveredAfterAnErasure : public testing::Test {
  protected:
    [[nodiscard]] bool is_known(Platform platform) const {
        return harbour_.vault
            ->find_subject({"person", std::string(to_text(platform)), id_on(platform)})
            ->has_value();
    }
    void post(const NamingBody& body) {
        EXPECT_EQ(harbour_.post(body.platform, body.body, body.content_type).status, 200)
            << body.what;
    }
    void post_those_of(const std::vector<NamingBody>& bodies, Platform platform) {
        for (const NamingBody& body : bodies) {
            if (body.platform == platform) post(body);
        }
    }
    void erase(Platform platform) {
        const auto subject = *harbour_.vault->find_subject(
            {"person", std::string(to_text(platform)), id_on(platform)});
        ASSERT_TRUE(subject) << "the person is known";
        store::ErasureOrder order;
        order.reason = "asked for it";
        order.now_us = harbour_.clock.now_us();
        store::ErasureHooks hooks;
        hooks.ids_in = for_each_id;
        const auto erased =
            store::erase_subject(*harbour_.ledger, *harbour_.vault, *subject, order, hooks);
        ASSERT_TRUE(erased && *erased);
    }
    /// The bodies that are still kept.
    [[nodiscard]] std::vector<std::string> kept() const {
        std::vector<std::string> bodies;
        std::set<domain::RawId> seen;
        for (const auto& event : harbour_.stored()) {
            if (!event.raw || !seen.insert(event.raw->id).second) continue;
            if (harbour_.ledger->raw_body(*event.raw)) bodies.push_back(harbour_.raw_body(event));
        }
        return bodies;
    }

    harbour::Harbour harbour_;
};

class ErasedBodies : public RedeliveredAfterAnErasure,
                     public testing::WithParamInterface<NamingBody> {};

TEST_P(ErasedBodies, AreFoundThoughNoEventOfThePersonPointsToThem) {
    const Platform platform = GetParam().platform;
    post_those_of(fixtures::messages_of(fixtures::somebody()), platform);
    post(GetParam());
    post_those_of(fixtures::messages_of_others(kOthersWords), platform);
    ASSERT_EQ(kept().size(), 3U);
    erase(platform);
    const auto left = kept();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_NE(left.front().find(kOthersWords), std::string::npos) << "others' stay";
}

std::string name_of(const testing::TestParamInfo<NamingBody>& body) {
    std::string name = std::string(to_text(body.param.platform)) + "_" + body.param.what;
    std::replace_if(
        name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Kinds, ErasedBodies,
                         testing::ValuesIn(fixtures::bodies_that_name(fixtures::somebody())),
                         name_of);

TEST_F(RedeliveredAfterAnErasure, MakesNobodyNew) {
    for (const Platform platform :
         {Platform::telegram, Platform::whatsapp, Platform::slack, Platform::discord}) {
        const fixtures::Named who = fixtures::somebody();
        post_those_of(fixtures::messages_of(who), platform);
        erase(platform);
        const auto before = harbour_.ledger->head(0).next_ordinal;
        post_those_of(fixtures::messages_of(who), platform);
        EXPECT_EQ(harbour_.ledger->head(0).next_ordinal, before) << "it is still recognised";
        EXPECT_FALSE(is_known(platform)) << to_text(platform);
    }
}

TEST_F(RedeliveredAfterAnErasure, MakesNobodyNewBesideSomethingNewOfOthers) {
    const fixtures::Named who = fixtures::somebody();
    post_those_of(fixtures::messages_of(who), Platform::whatsapp);
    erase(Platform::whatsapp);
    for (const NamingBody& body : fixtures::bodies_that_name(who)) {
        if (body.what == "a body whose other half came before") post(body);
    }
    EXPECT_EQ(harbour_.stored().size(), 2U) << "the other half is new";
    EXPECT_FALSE(is_known(Platform::whatsapp));
}

TEST_F(RedeliveredAfterAnErasure, MakesNobodyNewThoughItCameWhileTheErasureWasAtWork) {
    const fixtures::Named who = fixtures::somebody();
    post_those_of(fixtures::messages_of(who), Platform::whatsapp);
    const auto subject =
        *harbour_.vault->find_subject({"person", "whatsapp", id_on(Platform::whatsapp)});
    ASSERT_TRUE(subject);
    auto hold = *harbour_.vault->hold(*subject, std::chrono::seconds(2));
    auto redelivered = std::async(
        std::launch::async, [&] { post_those_of(fixtures::messages_of(who), Platform::whatsapp); });
    EXPECT_EQ(redelivered.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
    ASSERT_TRUE(hold->destroy());
    hold.reset();
    redelivered.get();
    EXPECT_EQ(harbour_.stored().size(), 1U);
    EXPECT_FALSE(is_known(Platform::whatsapp));
}

TEST(NativeIds, AreEveryTextAndNumberWhereverItStands) {
    const auto ids_in = [](std::string_view platform, std::string_view body) {
        std::set<std::string> ids;
        for_each_id(platform, body, [&ids](std::string_view id) { ids.emplace(id); });
        return ids;
    };
    EXPECT_EQ(ids_in("telegram", R"({"a":[7318462051,-5,true,null,1.5,"\u0055 1"]})"),
              (std::set<std::string>{"a", "7318462051", "-5", "U 1"}));
    EXPECT_TRUE(ids_in("slack", R"({"a":"{\"user\":\"U1\"}"})").contains("U1"));
    EXPECT_TRUE(ids_in("slack", "user_id=U1&text=x").contains("U1"));
    EXPECT_TRUE(ids_in("slack", R"({"user":"U1","user":"U2"})").contains("U1")) << "doubled keys";
    const std::string wamid = R"({"id":")" + fixtures::somebody().message_id + R"("})";
    EXPECT_TRUE(ids_in("whatsapp", wamid).contains("4915112345678"));
    EXPECT_FALSE(ids_in("slack", wamid).contains("4915112345678"));
}

}  // namespace decklog::ingest::erased_bodies_test
