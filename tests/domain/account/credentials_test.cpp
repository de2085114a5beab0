#include "domain/account/credentials.hpp"

#include <gtest/gtest.h>

namespace decklog::domain::credentials_test {

std::string code_of(std::vector<Credential> credentials, const std::string& field = "credentials") {
    const auto checked = check_credentials(credentials);
    if (checked) return "";
    EXPECT_EQ(checked.error().field, field);
    EXPECT_FALSE(checked.error().message.empty());
    return checked.error().code;
}

TEST(Credentials, NameAVariable) {
    EXPECT_EQ(variable_of("env:ROOMIES_PASSWORD"), "ROOMIES_PASSWORD");
    EXPECT_EQ(variable_of("env:_a1"), "_a1");
    EXPECT_EQ(variable_of("env:" + std::string(128, 'A')).value_or("").size(), 128U);
    for (const std::string& ref :
         {std::string("hunter2"), std::string(), std::string("env:"), std::string("env:1A"),
          std::string("env:A-B"), std::string("env:A B"), std::string("ENV:A"),
          std::string("secret:A"), std::string(" env:A"), std::string("env:A\n"),
          "env:" + std::string(129, 'A')}) {
        EXPECT_EQ(variable_of(ref), std::nullopt) << ref;
    }
}

TEST(Credentials, AreASessionAProfileOrALoginWithItsPassword) {
    EXPECT_EQ(code_of({}), "");
    for (const char* key : {"sessionRef", "storageStateRef", "storageStatePathRef", "userDataDir",
                            "userDataDirRef"}) {
        EXPECT_EQ(code_of({{key, "env:A"}}), "") << key;
    }
    for (const char* login :
         {"loginId", "loginIdRef", "username", "usernameRef", "email", "emailRef"}) {
        EXPECT_EQ(code_of({{login, "env:A"}, {"passwordRef", "env:B"}}), "") << login;
        EXPECT_EQ(code_of({{login, "env:A"}}), "CREDENTIAL_MISSING") << login;
    }
    EXPECT_EQ(code_of({{"password", "env:B"}}), "CREDENTIAL_MISSING");
}

TEST(Credentials, AreNeverTheSecretsThemselvesAndDoNotRepeatThem) {
    const auto checked =
        check_credentials(std::vector<Credential>{{"sessionRef", "s3cret-cookie-value"}});
    ASSERT_FALSE(checked.has_value());
    EXPECT_EQ(checked.error().code, "CREDENTIAL_PLAINTEXT_FORBIDDEN");
    EXPECT_EQ(checked.error().field, "credentials.sessionRef");
    EXPECT_EQ(checked.error().message.find("s3cret"), std::string::npos);

    const auto unknown = check_credentials(std::vector<Credential>{{"s3cret-key", "env:A"}});
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().code, "unknown_field");
    EXPECT_EQ((unknown.error().message + unknown.error().field).find("s3cret"), std::string::npos);
    EXPECT_EQ(code_of({{"pasword", "env:A"}}, "credentials.pasword"), "unknown_field")
        << "what looks like a mistyped key is named";
}

}  // namespace decklog::domain::credentials_test
