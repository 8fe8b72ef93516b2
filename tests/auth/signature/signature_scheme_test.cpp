#include "auth/signature/signature_scheme.hpp"

#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::auth {
namespace {

using SignatureScheme = SigningFixture;

TEST_F(SignatureScheme, AcceptsWhatOurSignerSigns) {
    OwnedRequest get;
    sign(get);
    EXPECT_EQ(judge(get), Reason::none);
    EXPECT_EQ(principal_.scheme, Scheme::signature);
    EXPECT_EQ(principal_.id.view(), "tok_0000000000000000000001");
    EXPECT_EQ(principal_.secret_generation, 1U);
    EXPECT_EQ(verified_.nonce, "nonce-0001");
    EXPECT_EQ(verified_.created, at_seconds(kNow));
    EXPECT_EQ(verified_.valid_until, at_seconds(kNow + 300));
    EXPECT_FALSE(verified_.covers_digest);

    OwnedRequest post;
    post.method = "POST";
    post.target = "/2.0/payouts/request?a=1";
    post.body = "{\"amount\":1}";
    sign(post);
    EXPECT_EQ(judge(post, Access::write), Reason::none);
    EXPECT_TRUE(verified_.covers_digest);
    ContentDigest digest;
    digest.start(verified_.digests);
    digest.update(*post.body);
    EXPECT_TRUE(digest.finish());
}

TEST_F(SignatureScheme, JudgesFreshnessAtBothEnds) {
    struct Row {
        std::int64_t created_ms_before_now;
        std::optional<std::int64_t> expires_ms_after_now;
        Reason reason;
    };
    const Row rows[] = {
        {0, {}, Reason::none},
        {300'000, {}, Reason::none},
        {300'001, {}, Reason::signature_expired},
        {-30'000, {}, Reason::none},
        {-30'001, {}, Reason::signature_not_yet_valid},
        {10'000, 0, Reason::none},
        {10'000, -1, Reason::signature_expired},
        {10'000, 100'000, Reason::none},
        {300'001, 100'000, Reason::signature_expired},
    };
    for (const Row& row : rows) {
        OwnedRequest request;
        // Times are whole seconds, so the clock is what is moved.
        const Timestamp now =
            at_seconds(kNow) + std::chrono::milliseconds(row.created_ms_before_now);
        std::string parameters = usual_parameters();
        Timestamp judged_at = now;
        if (row.expires_ms_after_now) {
            const std::int64_t expires = kNow + 200;
            parameters += ";expires=" + std::to_string(expires);
            if (row.reason == Reason::none || row.created_ms_before_now < 300'000)
                judged_at =
                    at_seconds(expires) - std::chrono::milliseconds(*row.expires_ms_after_now);
        }
        sign_as(request, kUsual, parameters);
        EXPECT_EQ(judge(request, Access::read, judged_at), row.reason)
            << row.created_ms_before_now << " " << row.expires_ms_after_now.value_or(-99);
    }
}

TEST_F(SignatureScheme, AsksTheNonceToBeKeptAsLongAsTheSignatureIsGood) {
    OwnedRequest request;
    sign_as(request, kUsual, usual_parameters() + ";expires=" + std::to_string(kNow + 60));
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(verified_.valid_until, at_seconds(kNow + 60));
    sign_as(request, kUsual, usual_parameters() + ";expires=" + std::to_string(kNow + 900));
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(verified_.valid_until, at_seconds(kNow + 300));
    authenticator_->set_policy({std::chrono::seconds(600), std::chrono::seconds(0)});
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(verified_.valid_until, at_seconds(kNow + 600));
    EXPECT_EQ(judge(request, Access::read, at_seconds(kNow - 1)), Reason::signature_not_yet_valid);
}

TEST_F(SignatureScheme, SaysNothingAboutTheAgeOfAWrongSignature) {
    OwnedRequest request;
    sign(request, "n", kNow - 10'000);
    EXPECT_EQ(judge(request), Reason::signature_expired);
    sign(request, "n", kNow - 10'000, kKey, "another-secret");
    EXPECT_EQ(judge(request), Reason::credential_invalid);
    sign(request, "n", kNow + 10'000, "unknown-key", kSecret);
    EXPECT_EQ(judge(request), Reason::credential_invalid);
}

TEST_F(SignatureScheme, AcceptsBothSecretsWhileARotationOverlaps) {
    store::TokenRecord record = add_token("rotating-key", "old-secret");
    rotate(record, "new-secret", at_seconds(kNow + 100));
    OwnedRequest request;
    sign(request, "n", kNow, "rotating-key", "new-secret");
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(principal_.secret_generation, 2U);
    sign(request, "n", kNow, "rotating-key", "old-secret");
    EXPECT_EQ(judge(request), Reason::none);
    EXPECT_EQ(principal_.secret_generation, 1U);
    EXPECT_EQ(judge(request, Access::read, at_seconds(kNow + 100)), Reason::credential_invalid);
    sign(request, "n", kNow, "rotating-key", "older-secret");
    EXPECT_EQ(judge(request), Reason::credential_invalid);
}

TEST_F(SignatureScheme, CallsARecordThatDoesNotOpenOurOwnFailure) {
    add_token("broken-key", "secret",
              [](store::TokenRecord& record) { record.secret.sealed_key[20] ^= 1; });
    OwnedRequest request;
    sign(request, "n", kNow, "broken-key", "secret");
    EXPECT_EQ(judge(request), Reason::store_unavailable);
}

TEST_F(SignatureScheme, UnderstandsAKeyIdWithEscapedCharacters) {
    add_token("key\"with\\both", "secret");
    OwnedRequest request;
    sign(request, "n", kNow, "key\"with\\both", "secret");
    EXPECT_EQ(judge(request), Reason::none);
}

TEST_F(SignatureScheme, TellsARepeatedKeyWhateverItsStatus) {
    add_token("disabled-key", "secret",
              [](store::TokenRecord& record) { record.status = TokenStatus::disabled; });
    OwnedRequest request;
    sign(request, "n", kNow, "disabled-key", "secret");
    EXPECT_EQ(judge(request), Reason::none) << "who it is comes before what it may";
    EXPECT_EQ(principal_.status, TokenStatus::disabled);
    sign(request, "n", kNow, "disabled-key", "wrong");
    EXPECT_EQ(judge(request), Reason::credential_invalid);
}

TEST_F(SignatureScheme, ExplainsOnlyToTestKeysAndDebugTokens) {
    add_token("debug-key", "secret", [](store::TokenRecord& record) { record.debug = true; });
    struct Row {
        std::string_view key;
        bool may_explain;
    };
    for (const Row& row : {Row{kKey, false}, Row{"debug-key", true}, Row{"unknown-key", false},
                           Row{"kwk_test_ak_unknown", true}}) {
        OwnedRequest request;
        sign(request, "n", kNow, row.key, "wrong");
        EXPECT_EQ(judge(request), Reason::credential_invalid);
        EXPECT_EQ(verified_.may_explain, row.may_explain) << row.key;
        sign_as(request, "(\"@method\")", ";created=1;keyid=\"" + std::string(row.key) + "\"");
        EXPECT_EQ(judge(request), Reason::signature_uncovered);
        EXPECT_EQ(verified_.may_explain, row.may_explain) << row.key;
    }
    OwnedRequest nothing;
    nothing.set("Signature-Input", "?");
    nothing.set("Signature", "?");
    EXPECT_EQ(judge(nothing), Reason::credential_malformed);
    EXPECT_FALSE(verified_.may_explain) << "of the request before";
}

}  // namespace
}  // namespace kwikgate::auth
