#include "auth/token_service.hpp"

#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

using TokenRotationTest = TokenFixture;

TEST_F(TokenRotationTest, RotationKeepsIdentityAndSettings) {
    TokenSpec wanted = spec("Shop", true);
    wanted.environment = Environment::test;
    const IssuedToken before = create(wanted);
    now_ += hours{1};
    const auto rotated = service().rotate(before.record.id, hours{24});
    ASSERT_TRUE(rotated);
    const store::TokenRecord& r = rotated->record;
    EXPECT_EQ(r.id, before.record.id);
    EXPECT_EQ(r.api_key, before.record.api_key);
    EXPECT_EQ(r.public_key, before.record.public_key);
    EXPECT_EQ(r.readable, before.record.readable);
    EXPECT_EQ(r.secret.generation, 2U);
    EXPECT_EQ(r.secret.created_at, now_);
    ASSERT_TRUE(r.previous_secret);
    EXPECT_EQ(r.previous_secret->generation, 1U);
    EXPECT_EQ(r.previous_secret->valid_until, now_ + hours{24});
    EXPECT_EQ(r.previous_secret->sealed_key, before.record.secret.sealed_key);
    EXPECT_NE(rotated->api_secret.expose(), before.api_secret.expose());
    EXPECT_TRUE(rotated->api_secret.expose().starts_with("kwk_test_sk_"));
    const auto again = service().rotate(before.record.id, seconds{0});
    ASSERT_TRUE(again);
    EXPECT_EQ(again->record.secret.generation, 3U);
    EXPECT_FALSE(again->record.previous_secret);
    EXPECT_EQ(*service().find(before.record.id), again->record);
}

TEST_F(TokenRotationTest, ARotationThatIsPreparedChangesNothingUntilItIsWritten) {
    const IssuedToken before = create(spec());
    auto rotated = service().prepare_rotation(before.record.id, hours{1});
    ASSERT_TRUE(rotated);
    EXPECT_EQ(*service().find(before.record.id), before.record);
    // What changed in between stays.
    ASSERT_TRUE(service().set_status(before.record.id, TokenStatus::disabled));
    const auto promised = rotated->record;
    ASSERT_TRUE(service().write_rotation(*rotated));
    EXPECT_EQ(rotated->record.secret, promised.secret);
    EXPECT_EQ(rotated->record.previous_secret, promised.previous_secret);
    EXPECT_EQ(rotated->record.status, TokenStatus::disabled);
    EXPECT_EQ(*service().find(before.record.id), rotated->record);
}

TEST_F(TokenRotationTest, RotationIsByIdNotByKey) {
    const IssuedToken before = create(spec());
    EXPECT_EQ(service().rotate(before.record.api_key, hours{1}).error().code,
              store::Errc::not_found);
    EXPECT_EQ(*service().find(before.record.id), before.record);
}

TEST_F(TokenRotationTest, RotationWantsAnOverlapThatMakesSense) {
    const std::string id = create(spec()).record.id;
    for (const seconds overlap : {seconds{-1}, seconds::max(), seconds::min()})
        EXPECT_EQ(service().rotate(id, overlap).error().code, Errc::invalid_expiry);
}

}  // namespace
}  // namespace kwikgate::auth
