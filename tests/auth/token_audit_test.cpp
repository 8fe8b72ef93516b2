#include "auth/token_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/auth/token_fixture.hpp"
#include "tests/support/files.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

using TokenAuditTest = TokenFixture;

TEST_F(TokenAuditTest, EveryChangeIsAuditedWithBeforeAndAfter) {
    const std::string id = create(spec("Shop", true)).record.id;
    now_ += seconds{1};
    TokenSpec rename;
    rename.name = "Shop \"two\"";
    rename.status = TokenStatus::disabled;
    ASSERT_TRUE(service("admin:adm_1").update(id, rename));
    ASSERT_TRUE(service().rotate(id, seconds{60}));
    ASSERT_TRUE(service().erase(id));
    const auto entries = audit();
    ASSERT_EQ(entries.size(), 4U);
    const char* actions[] = {"token.create", "token.update", "token.rotate", "token.delete"};
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(entries[i].action, actions[i]);
        EXPECT_EQ(entries[i].token_id, id);
    }
    EXPECT_EQ(entries[0].actor, "cli:tester");
    EXPECT_EQ(entries[1].actor, "admin:adm_1");
    EXPECT_EQ(entries[1].at, now_);
    EXPECT_EQ(entries[0].before, "");
    EXPECT_THAT(entries[0].after, HasSubstr(R"("sections":["customers","payments"])"));
    EXPECT_THAT(entries[0].after, HasSubstr(R"("permissions":"read-write")"));
    EXPECT_THAT(entries[1].before, HasSubstr(R"("name":"Shop")"));
    EXPECT_THAT(entries[1].after, HasSubstr(R"("name":"Shop \"two\"")"));
    EXPECT_THAT(entries[1].after, HasSubstr(R"("status":"disabled")"));
    EXPECT_THAT(entries[2].after, HasSubstr(R"("secret_generation":2)"));
    EXPECT_THAT(entries[2].after, HasSubstr(R"("previous_secret_valid_until":"2027-)"));
    EXPECT_EQ(entries[3].after, "");
}

TEST_F(TokenAuditTest, TheAuditLogHoldsNoSecretAndNoWholeKey) {
    const IssuedToken token = create(spec());
    const auto rotated = service().rotate(token.record.id, hours{1});
    ASSERT_TRUE(service().erase(token.record.id));
    for (const auto& entry : audit()) {
        const std::string all = entry.action + entry.actor + entry.before + entry.after;
        EXPECT_THAT(all, Not(HasSubstr("_sk_")));
        EXPECT_THAT(all, Not(HasSubstr(token.record.api_key)));
        EXPECT_THAT(all, Not(HasSubstr(token.record.public_key)));
        EXPECT_THAT(all, Not(HasSubstr(token.record.api_key.substr(12, 10))));
        EXPECT_THAT(all, Not(HasSubstr(std::string(token.api_secret.expose().substr(12, 10)))));
        EXPECT_THAT(all, Not(HasSubstr(std::string(rotated->api_secret.expose().substr(12, 10)))));
    }
}

TEST_F(TokenAuditTest, NoSecretIsInTheStoreFiles) {
    const IssuedToken token = create(spec());
    const HmacKey k0 = derive_hmac_key(token.api_secret.expose());
    const std::string raw(k0.expose().begin(), k0.expose().begin() + 32);
    int files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory_.path())) {
        if (!file.is_regular_file()) continue;
        ++files;
        const std::string bytes = tests::read_file(file.path());
        EXPECT_EQ(bytes.find(token.api_secret.expose().substr(0, 40)), std::string::npos);
        EXPECT_EQ(bytes.find(raw), std::string::npos);
    }
    EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace kwikgate::auth
