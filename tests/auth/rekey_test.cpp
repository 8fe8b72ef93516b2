#include "auth/rekey.hpp"

#include <gtest/gtest.h>

#include "tests/auth/token_fixture.hpp"

namespace kwikgate::auth {
namespace {

class RekeyTest : public TokenFixture {
  protected:
    /// Whether every secret of the token opens under `key`, and the first is that of `secret`.
    bool opens(const MasterKey& key, std::string_view id, std::string_view secret) {
        auto reader = store_.reader();
        const auto snapshot = reader->snapshot();
        const auto token = snapshot->token_by_id(id);
        Sealer sealer(key);
        HmacKey opened;
        if ((*token)->previous_secret &&
            !sealer.open((*token)->previous_secret->sealed_key, id, opened))
            return false;
        return sealer.open((*token)->secret.sealed_key, id, opened) &&
               constant_time_equal(opened.expose(), derive_hmac_key(secret).expose());
    }
    MasterKey next_ = MasterKey::generate();
};

TEST_F(RekeyTest, SealsEverySecretAnewAndNothingElse) {
    const IssuedToken plain = create(spec("One"));
    const IssuedToken first = create(spec("Two"));
    const IssuedToken rotated = *service().rotate(first.record.id, std::chrono::hours(1));
    const auto before = service().list();
    const auto count = rekey(store_, key_, next_, "cli:tester", now_);
    ASSERT_TRUE(count) << count.error().detail;
    EXPECT_EQ(*count, 2U);
    EXPECT_TRUE(opens(next_, plain.record.id, plain.api_secret.expose()));
    EXPECT_TRUE(opens(next_, rotated.record.id, rotated.api_secret.expose()));
    EXPECT_FALSE(opens(key_, plain.record.id, plain.api_secret.expose()));
    EXPECT_TRUE(*is_sealed_under(store_, next_));
    EXPECT_FALSE(bind_master_key(store_, key_));

    auto after = service().list();
    ASSERT_EQ(after->size(), before->size());
    for (std::size_t i = 0; i < after->size(); ++i) {
        EXPECT_NE((*after)[i].secret.sealed_key, (*before)[i].secret.sealed_key);
        (*after)[i].secret = (*before)[i].secret;
        (*after)[i].previous_secret = (*before)[i].previous_secret;
        EXPECT_EQ((*after)[i], (*before)[i]);
    }
    EXPECT_EQ(audit().back().action, "store.rekey");
    EXPECT_EQ(audit().back().actor, "cli:tester");
    EXPECT_TRUE(store_.verify()->empty());
}

TEST_F(RekeyTest, ChangesNothingUnderAWrongKey) {
    const IssuedToken token = create(spec());
    const auto entries = audit().size();
    const auto refused = rekey(store_, next_, MasterKey::generate(), "cli:tester", now_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, store::Errc::wrong_master_key);
    EXPECT_TRUE(opens(key_, token.record.id, token.api_secret.expose()));
    EXPECT_EQ(audit().size(), entries);
}

TEST_F(RekeyTest, ChangesNothingWhenOneSecretDoesNotOpen) {
    const IssuedToken sound = create(spec("One"));
    store::TokenRecord broken = create(spec("Two")).record;
    broken.secret.sealed_key.back() ^= 1;
    broken.version += 1;
    ASSERT_TRUE(store_.write([&](store::Write& write) { return write.update_token(broken); }));
    const auto refused = rekey(store_, key_, next_, "cli:tester", now_);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().detail.find(broken.id), std::string::npos);
    EXPECT_TRUE(opens(key_, sound.record.id, sound.api_secret.expose()));
    EXPECT_TRUE(*is_sealed_under(store_, key_));
}

TEST_F(RekeyTest, WorksOnAStoreWithoutTokens) {
    EXPECT_EQ(*rekey(store_, key_, next_, "cli:tester", now_), 0U);
    EXPECT_TRUE(bind_master_key(store_, next_));
}

}  // namespace
}  // namespace kwikgate::auth
