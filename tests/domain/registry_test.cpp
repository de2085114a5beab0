#include "domain/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

namespace decklog::domain::registry_test {

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

std::string snake(std::string_view pascal) {
    std::string out;
    for (const char c : pascal) {
        if (c == '.') {
            out.push_back('_');
        } else if (std::isupper(static_cast<unsigned char>(c)) != 0) {
            if (!out.empty()) out.push_back('_');
            out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
        } else {
            out.push_back(c);
        }
    }
    return out;
}

TEST(Registry, EveryTypeHasANumberANameAndAnActionOfItsOwn) {
    std::set<std::uint32_t> numbers;
    std::set<std::string_view> names, actions;
    for (const TypeInfo& info : all_types()) {
        EXPECT_TRUE(numbers.insert(static_cast<std::uint32_t>(info.type)).second) << info.name;
        EXPECT_TRUE(names.insert(info.name).second) << info.name;
        EXPECT_GE(info.schema_version, 1);
        if (info.action.empty()) continue;
        EXPECT_TRUE(actions.insert(info.action).second) << info.action;
    }
}

TEST(Registry, TheActionIsTheNameInSnakeCaseAndOnlyCarriersHaveNone) {
    for (const TypeInfo& info : all_types()) {
        if (info.writer == Writer::external) {
            EXPECT_EQ(info.action, "") << info.name;
        } else {
            EXPECT_EQ(info.action, snake(info.name));
        }
    }
}

TEST(Registry, FindsEveryTypeByNumberAndByName) {
    for (const TypeInfo& info : all_types()) {
        EXPECT_EQ(find_type(static_cast<std::uint32_t>(info.type)), &info);
        EXPECT_EQ(find_type_by_name(info.name), &info);
    }
    EXPECT_EQ(find_type(0x0399), nullptr);
    EXPECT_EQ(find_type_by_name("tokencreated"), nullptr);
    EXPECT_EQ(find_type_by_name(""), nullptr);
}

TEST(Registry, TheFamilyStandsInTheHighByte) {
    EXPECT_EQ(family_of(static_cast<std::uint32_t>(EventType::token_revoked)), Family::token);
    EXPECT_EQ(family_of(static_cast<std::uint32_t>(EventType::unrecognised_received)),
              Family::chat);
    EXPECT_EQ(family_of(static_cast<std::uint32_t>(EventType::external_event_recorded)),
              Family::external);
}

TEST(Registry, ReservesEveryNameThatOnlyDecklogMayWriteInAnyLetterCase) {
    for (const TypeInfo& info : all_types()) {
        for (const std::string_view name : {info.name, info.action}) {
            if (name.empty() || find_action(name) != nullptr) continue;
            EXPECT_TRUE(is_reserved_name(name)) << name;
            EXPECT_TRUE(is_reserved_name(upper(name))) << name;
        }
    }
}

TEST(Registry, ReservesTheNamesOfCarriersAndOfTypesToCome) {
    for (const std::string_view name :
         {"AuditActionRecorded", "audit_action_recorded", "external_event_recorded",
          "SubjectErased", "subject_erased", "LEVEL_RAISED", "DeliveryIntended", "delivered",
          "announce", "Barrier"}) {
        EXPECT_TRUE(is_reserved_name(name)) << name;
    }
}

TEST(Registry, LeavesTheActionsOfServicesFree) {
    EXPECT_FALSE(is_reserved_name("platform_policy_updated"));
    EXPECT_TRUE(is_reserved_name("PlatformPolicyUpdated"));
    EXPECT_TRUE(is_reserved_name("PLATFORM_POLICY_UPDATED"));
    for (const ActionInfo& info : known_actions())
        EXPECT_FALSE(is_reserved_name(info.action)) << info.action;
    EXPECT_FALSE(is_reserved_name(""));
    EXPECT_FALSE(is_reserved_name("token_created_by_me"));
    EXPECT_FALSE(is_reserved_name("com.example.TokenCreated"));
}

TEST(Registry, KnowsTwentyCriticalFiveFailingAndSixErrorActions) {
    const auto actions = known_actions();
    EXPECT_EQ(
        std::count_if(actions.begin(), actions.end(), [](const auto& a) { return a.critical; }),
        20);
    EXPECT_EQ(
        std::count_if(actions.begin(), actions.end(), [](const auto& a) { return a.failure; }), 5);
    EXPECT_EQ(std::count_if(actions.begin(), actions.end(), [](const auto& a) { return a.error; }),
              6);
    std::set<std::string_view> names;
    for (const ActionInfo& info : actions)
        EXPECT_TRUE(names.insert(info.action).second) << info.action;
}

TEST(Registry, FindsActionsExactlyAsWritten) {
    for (const ActionInfo& info : known_actions()) {
        ASSERT_NE(find_action(info.action), nullptr) << info.action;
        EXPECT_EQ(find_action(info.action)->action, info.action);
        EXPECT_EQ(find_action(info.action)->critical, info.critical);
    }
    ASSERT_NE(find_action("platform_dispatch_dlq"), nullptr);
    EXPECT_TRUE(find_action("platform_dispatch_dlq")->failure);
    EXPECT_FALSE(find_action("platform_dispatch_dlq")->error);
    EXPECT_EQ(find_action("Platform_dispatch_dlq"), nullptr);
    EXPECT_EQ(find_action("somebody_elses_action"), nullptr);
}

}  // namespace decklog::domain::registry_test
