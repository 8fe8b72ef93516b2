#include "bench/load/request_source.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "auth/signature/content_digest.hpp"
#include "gateway/http/request_parser.hpp"
#include "store/clock.hpp"
#include "tests/auth/signature/signing_fixture.hpp"

namespace kwikgate::bench {
namespace {

namespace http = gateway::http;

/// What is sent is held against the very code that will judge it.
class RequestSourceTest : public auth::SigningFixture {
  protected:
    RequestSourceTest() {
        plan_.authority = "gate.test:8080";
        plan_.read_target = "/2.0/customers/list?bytes=200";
        plan_.write_target = "/2.0/customers/create";
        plan_.body = R"({"a":1})";
        plan_.content_digest = auth::content_digest_field(plan_.body);
        plan_.precomputed = 4;
        plan_.credentials.push_back(credentials(kKey));
    }
    static Credentials credentials(std::string_view key) {
        Credentials made;
        made.api_key = key;
        made.basic = "Basic eA==";
        made.hmac_key = auth::derive_hmac_key(kSecret);
        return made;
    }
    RequestSource source(std::string_view mix) {
        std::string error;
        plan_.mix = *Mix::parse(mix, error);
        return {plan_, 0, 1};
    }
    auth::Reason judge_request(const Request& request, auth::Timestamp now) {
        http::RequestHead head;
        std::size_t resume_at = 0;
        const auto parsed = http::parse_request_head(request.head, {}, resume_at, head);
        EXPECT_EQ(parsed.status, http::ParseStatus::complete);
        EXPECT_EQ(head.head_bytes, request.head.size());
        EXPECT_EQ(head.content_length, request.body.size());
        auth::RequestView view;
        view.method = head.method;
        view.target = head.target;
        view.path = head.path;
        view.query = head.query;
        view.has_query = head.has_query;
        view.authority = head.authority;
        view.scheme = "http";
        view.fields = head.fields;
        view.has_body = head.content_length != 0;
        return authenticator_
            ->authenticate(view, is_write(request.kind) ? auth::Access::write : auth::Access::read,
                           now, principal_, verified_)
            .reason;
    }

    RequestPlan plan_{.mix = {},
                      .authority = {},
                      .scheme = "http",
                      .read_target = {},
                      .write_target = {},
                      .body = {},
                      .content_digest = {},
                      .extra_fields = {},
                      .credentials = {},
                      .revoked = {},
                      .precomputed = 4};
};

TEST_F(RequestSourceTest, SignsReadsAndWritesThatTheGatewayAccepts) {
    for (const std::size_t precomputed : {0U, 4U}) {
        plan_.precomputed = precomputed;
        RequestSource source = this->source("read=1,write=1");
        Request request;
        for (int i = 0; i < 20; ++i) {
            source.next(store::current_time(), request);
            EXPECT_EQ(judge_request(request, store::current_time()), auth::Reason::none)
                << request.head;
        }
    }
}

TEST_F(RequestSourceTest, NeverSendsANonceTwice) {
    RequestSource source = this->source("write");
    std::set<std::string> nonces;
    Request request;
    for (int i = 0; i < 50; ++i) {  // Past the four that were made ahead.
        source.next(store::current_time(), request);
        judge_request(request, store::current_time());
        EXPECT_TRUE(nonces.emplace(verified_.nonce).second);
    }
}

TEST_F(RequestSourceTest, SpoilsASignatureWithoutMakingItMalformed) {
    RequestSource source = this->source("bad");
    Request request;
    source.next(store::current_time(), request);
    EXPECT_EQ(judge_request(request, store::current_time()), auth::Reason::credential_invalid);
}

TEST_F(RequestSourceTest, ReplaysAnAcceptedWriteToTheByte) {
    RequestSource source = this->source("replayed");
    Request write;
    source.next(store::current_time(), write);
    EXPECT_EQ(write.kind, Kind::write) << "there was nothing to replay yet";
    source.accepted(write);
    Request replay;
    source.next(store::current_time(), replay);
    EXPECT_EQ(replay.kind, Kind::replayed);
    EXPECT_EQ(replay.head, write.head);
    EXPECT_EQ(replay.body, write.body);
}

TEST_F(RequestSourceTest, SignsAnewWhatIsAMinuteOld) {
    RequestSource source = this->source("read");
    const auto later = store::current_time() + std::chrono::minutes(20);
    Request request;
    source.next(later, request);
    EXPECT_EQ(judge_request(request, later), auth::Reason::none);
}

TEST_F(RequestSourceTest, UsesTokensInTurn) {
    plan_.credentials.push_back(credentials("kwk_live_ak_another0000000000000000"));
    RequestSource source = this->source("read");
    Request first;
    Request second;
    source.next(store::current_time(), first);
    source.next(store::current_time(), second);
    EXPECT_NE(first.head.find(kKey), std::string::npos);
    EXPECT_NE(second.head.find("another"), std::string::npos);
}

TEST_F(RequestSourceTest, RefusesToSignForATokenItDoesNotHave) {
    EXPECT_THROW(source("revoked"), std::runtime_error);
}

}  // namespace
}  // namespace kwikgate::bench
