#include "gateway/pipeline/pipeline.hpp"

#include <string>

#include "auth/base64.hpp"
#include "tests/gateway/pipeline/pipeline_fixture.hpp"

namespace kwikgate::gateway {
namespace {

using auth::Decision;
using auth::Phase;
using auth::Reason;
using std::chrono::milliseconds;
using std::chrono::seconds;

class PipelineTest : public PipelineFixture {
  protected:
    void make_it_read() {
        route_.method = request_.method = "GET";
        route_.requirement.access = auth::Access::read;
        request_.body.reset();
    }
    void take_public_keys() {
        route_.requirement.schemes = {};
        route_.requirement.schemes.add(auth::Scheme::public_key);
        token_.allowed_origins = {"https://shop.example"};
        save_token();
    }
    std::string basic_bytes() {
        const std::string plain = key_ + ":" + std::string(secret_);
        request_.set(
            "Authorization",
            "Basic " + auth::encode_base64(std::span(
                           reinterpret_cast<const std::uint8_t*>(plain.data()), plain.size())));
        return bytes_of(request_);
    }
};

TEST_F(PipelineTest, WhatIsNotLetInLeavesNothingBehind) {
    // The table is filled for everybody, if a token that may do nothing can fill it.
    token_.status = auth::TokenStatus::disabled;
    token_.writable = {};
    token_.rate = store::RateLimit{1, 1};
    save_token();
    make_it_read();
    for (int i = 0; i < 3000; ++i)
        ASSERT_EQ(ask("n" + std::to_string(i)).reason, Reason::token_disabled);
    EXPECT_EQ(limits_->replay.size(), 0U);
    EXPECT_EQ(limits_->replay.size_of(token_.number), 0U);
}

TEST_F(PipelineTest, OneTokenCannotFillTheTableForOthers) {
    Reason last = Reason::none;
    token_.rate = store::RateLimit{1'000'000, 1'000'000};
    save_token();
    int passed = 0;
    while ((last = ask("n" + std::to_string(passed)).reason) == Reason::none) ++passed;
    EXPECT_EQ(last, Reason::nonce_limited);
    EXPECT_EQ(passed, 500);
    renew_token();
    EXPECT_EQ(ask("another's").reason, Reason::none);
}

TEST_F(PipelineTest, ACopyCostsNoRate) {
    token_.rate = store::RateLimit{1, 2};
    save_token();
    const std::string bytes = signed_bytes("n");
    EXPECT_EQ(judge(bytes)->decision.reason, Reason::none);
    for (int i = 0; i < 5; ++i) {
        const auto copy = judge(bytes);
        EXPECT_EQ(copy->decision.reason, Reason::nonce_replayed);
        EXPECT_EQ(copy->decision.phase, Phase::replay);
        EXPECT_FALSE(copy->context.has_rate);
    }
    EXPECT_EQ(ask("another").reason, Reason::none);
    EXPECT_EQ(ask("a third").reason, Reason::rate_limited);
}

TEST_F(PipelineTest, OfCopiesThatWereLookedForTogetherOnePasses) {
    const std::string bytes = signed_bytes("n");
    const auto first = judge_head(bytes);
    const auto second = judge_head(bytes);
    EXPECT_EQ(first->step, Step::forward);
    EXPECT_EQ(second->step, Step::forward) << "a look promises nothing";
    EXPECT_EQ(pipeline_->record_nonce(runtime_, second->context, now_).reason, Reason::none);
    const Decision late = pipeline_->record_nonce(runtime_, first->context, now_);
    EXPECT_EQ(late.reason, Reason::nonce_replayed);
    EXPECT_EQ(late.phase, Phase::nonce);
}

TEST_F(PipelineTest, CopiesWhoseBodiesComeAfterTheSignatureIsOverDoNotPassAtAll) {
    // Each was looked for while the signature was fresh; the table keeps a nonce no longer.
    const std::string bytes = signed_bytes("n");
    const auto first = judge_head(bytes);
    const auto second = judge_head(bytes);
    const auto in_time = now_ + config_.signature.max_age;
    for (const auto* copy : {&first, &second}) {
        const Decision late =
            pipeline_->record_nonce(runtime_, (*copy)->context, in_time + milliseconds(1));
        EXPECT_EQ(late.reason, Reason::signature_expired);
        EXPECT_EQ(late.phase, Phase::nonce);
    }
    EXPECT_EQ(pipeline_->record_nonce(runtime_, first->context, in_time).reason, Reason::none);
}

TEST_F(PipelineTest, ANonceOfAReadIsUsedUpToo) {
    make_it_read();
    EXPECT_EQ(ask("n").reason, Reason::none);
    EXPECT_EQ(ask("n").reason, Reason::nonce_replayed);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ask("").reason, Reason::none) << "a read needs none";
    EXPECT_EQ(limits_->replay.size(), 1U);
}

TEST_F(PipelineTest, AReadIsServedWhereItsNonceCannotBeRemembered) {
    make_it_read();
    build();
    use_up(5000);
    EXPECT_EQ(ask("full").reason, Reason::none);
    config_.replay.token_share = 1;
    build();
    use_up(10, token_.number);
    EXPECT_EQ(ask("share").reason, Reason::none);
    build();
    limits_->replay.distrust_created_until(now_);
    EXPECT_EQ(ask("lost").reason, Reason::none);
}

TEST_F(PipelineTest, BasicHasNoNonce) {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(judge(basic_bytes())->decision.reason, Reason::none);
    limits_->replay.distrust_created_until(now_);
    EXPECT_EQ(judge(basic_bytes())->decision.reason, Reason::none);
    EXPECT_EQ(limits_->replay.size(), 0U);
}

TEST_F(PipelineTest, ABodyMayBeAsLongAsTheRouteSays) {
    const auto length = [&](const std::string& value) {
        auth::OwnedRequest request = request_;
        request.set("Content-Length", value);
        return judge_head(bytes_of(request))->decision.reason;
    };
    EXPECT_EQ(length("1000"), Reason::credential_missing) << "which comes after the route";
    EXPECT_EQ(length("1001"), Reason::body_too_large);
    EXPECT_EQ(length("999999999999"), Reason::body_too_large);
}

TEST_F(PipelineTest, ABodyHasATypeThatTheRouteTakes) {
    route_.content_types = {"application/json", "text/plain"};
    struct Row {
        const char* type;
        Reason reason;
    };
    // Past the route, the credential is missing.
    for (const Row& row : {Row{"application/json", Reason::credential_missing},
                           Row{"Text/Plain; charset=utf-8", Reason::credential_missing},
                           Row{"text/html", Reason::content_type_unsupported},
                           Row{"application/json-patch+json", Reason::content_type_unsupported},
                           Row{"", Reason::content_type_unsupported},
                           Row{nullptr, Reason::content_type_unsupported}}) {
        request_.fields.clear();
        request_.body = "x";
        if (row.type != nullptr) request_.set("Content-Type", row.type);
        EXPECT_EQ(judge_head(bytes_of(request_))->decision.reason, row.reason)
            << (row.type != nullptr ? row.type : "none");
        request_.body = "";
        EXPECT_EQ(judge_head(bytes_of(request_))->decision.reason, Reason::credential_missing)
            << "no body, no type";
    }
}

TEST_F(PipelineTest, ABodyWhoseDigestWasSignedIsHeldAgainstIt) {
    EXPECT_EQ(judge_head(signed_bytes("a"))->step, Step::forward);
    request_.body = "{}";
    EXPECT_EQ(judge_head(signed_bytes("b"))->step, Step::check_digest);
}

TEST_F(PipelineTest, AnswersAPreflightOfARouteThatTakesPublicKeysOnly) {
    const auto preflight = [&](const char* method) {
        auth::OwnedRequest request = request_;
        request.method = "OPTIONS";
        request.fields = {{"Origin", "https://shop.example"},
                          {"Access-Control-Request-Method", method}};
        return judge_head(bytes_of(request));
    };
    const auto refused = preflight("POST");
    EXPECT_EQ(refused->step, Step::refuse);
    EXPECT_EQ(refused->decision.reason, Reason::method_not_allowed);
    take_public_keys();
    build();
    const auto answered = preflight("POST");
    EXPECT_EQ(answered->step, Step::preflight);
    EXPECT_TRUE(answered->context.is_preflight);
    EXPECT_EQ(answered->context.cors_origin, "https://shop.example");
    EXPECT_FALSE(answered->context.is_authenticated);
    EXPECT_EQ(preflight("DELETE")->decision.reason, Reason::method_not_allowed);
}

TEST_F(PipelineTest, AFormIsReadForItsPublicKey) {
    take_public_keys();
    request_.set("Content-Type", "application/x-www-form-urlencoded");
    request_.set("Origin", "https://shop.example");
    token_.writable.add(kPayments);
    const auto form = [&](const std::string& body) {
        request_.body = body;
        auto attempt = judge_head(bytes_of(request_));
        EXPECT_EQ(attempt->step, Step::read_form);
        attempt->step = pipeline_->judge_form(runtime_, attempt->context, body, now_, kNowNs);
        return attempt;
    };
    const auto let_in = form("amount=1&public_key=" + token_.public_key);
    EXPECT_EQ(let_in->step, Step::forward);
    EXPECT_TRUE(let_in->context.is_authenticated) << "or its use would not be recorded";
    EXPECT_EQ(let_in->context.principal.scheme, auth::Scheme::public_key);
    EXPECT_TRUE(let_in->context.has_rate);
    const auto unknown = form("public_key=kwk_live_pk_0123456789012345678901");
    EXPECT_EQ(unknown->step, Step::refuse);
    EXPECT_EQ(unknown->context.decision.reason, Reason::credential_invalid);
    EXPECT_FALSE(unknown->context.is_authenticated);
}

TEST_F(PipelineTest, AFormOfAnotherOriginIsRefused) {
    take_public_keys();
    request_.set("Content-Type", "application/x-www-form-urlencoded");
    request_.set("Origin", "https://other.example");
    request_.body = "public_key=" + token_.public_key;
    const auto attempt = judge_head(bytes_of(request_));
    ASSERT_EQ(attempt->step, Step::read_form);
    EXPECT_EQ(pipeline_->judge_form(runtime_, attempt->context, *request_.body, now_, kNowNs),
              Step::refuse);
    EXPECT_EQ(attempt->context.decision.reason, Reason::origin_not_allowed);
    EXPECT_TRUE(attempt->context.is_authenticated) << "who it is was known";
}

TEST_F(PipelineTest, ATokensOwnRateGoesBeforeTheStandard) {
    config_.rate_limit = {10, 3};
    build();
    for (std::uint32_t left = 3; left-- > 0;) {
        const auto attempt = judge(signed_bytes("standard " + std::to_string(left)));
        EXPECT_EQ(attempt->decision.reason, Reason::none);
        EXPECT_EQ(attempt->context.rate.remaining, left);
        EXPECT_EQ(attempt->context.rate_limit.requests_per_second, 10U);
    }
    const auto refused = judge(signed_bytes("too many"));
    EXPECT_EQ(refused->decision.reason, Reason::rate_limited);
    EXPECT_EQ(refused->context.rate.retry_after_seconds, 1U);
    token_.rate = store::RateLimit{2, 1};
    save_token();
    build();
    EXPECT_EQ(judge(signed_bytes("own"))->context.rate_limit.requests_per_second, 2U);
    EXPECT_EQ(ask("own, too many").reason, Reason::rate_limited);
}

TEST_F(PipelineTest, ATestTokenGoesToItsOwnUpstreamOrNowhere) {
    token_.environment = auth::Environment::test;
    save_token();
    const Decision nowhere = ask("n");
    EXPECT_EQ(nowhere.reason, Reason::environment_not_allowed);
    EXPECT_EQ(nowhere.phase, Phase::environment);
    has_test_upstream_ = true;
    build();
    EXPECT_EQ(ask("m").reason, Reason::none);
    EXPECT_EQ(runtime_.upstream_for(route_, auth::Environment::test), 1);
    EXPECT_EQ(runtime_.upstream_for(route_, auth::Environment::live), 0);
}

TEST_F(PipelineTest, CountsFailuresToProveWhoItIsAgainstTheAddress) {
    config_.address_limit.burst = 2;
    token_.status = auth::TokenStatus::disabled;
    save_token();
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(ask("n" + std::to_string(i)).reason, Reason::token_disabled)
            << "who it is, is known";
    secret_ = "another secret";
    EXPECT_EQ(ask("a").reason, Reason::credential_invalid);
    EXPECT_EQ(ask("b").reason, Reason::credential_invalid);
    secret_ = kSecret;
    const auto limited = judge(signed_bytes("c"));
    EXPECT_EQ(limited->decision.reason, Reason::address_limited);
    EXPECT_GE(limited->context.rate.retry_after_seconds, 1U);
}

}  // namespace
}  // namespace kwikgate::gateway
