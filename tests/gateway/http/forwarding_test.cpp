#include "gateway/http/forwarding.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "gateway/http/header_rules.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/http/response_parser.hpp"

namespace kwikgate::gateway::http {
namespace {

/// Parses a request with the given fields, forwards it and returns the head written.
std::string forward(const std::string& fields, ForwardingContext context = {},
                    const std::string& request_line = "GET /a HTTP/1.1") {
    const std::string text = request_line + "\r\nHost: client.example\r\n" + fields + "\r\n";
    RequestHead head;
    std::size_t resume_at = 0;
    EXPECT_EQ(parse_request_head(text, {}, resume_at, head).status, ParseStatus::complete) << text;
    if (context.method.empty()) context.method = head.method;
    context.framing = head.framing;
    context.content_length = head.content_length;
    std::string out = "left from before";
    write_upstream_request_head(head, context, out);
    return out;
}

const std::string kBare = "GET /a HTTP/1.1\r\nHost: client.example\r\n\r\n";

TEST(Forwarding, WritesRequestLineHostAndFieldsInOrder) {
    EXPECT_EQ(forward("B: 1\r\na: 2\r\nB: 3\r\nEmpty:\r\n", {}, "GET /x%2Fy?z=%20 HTTP/1.1"),
              "GET /x%2Fy?z=%20 HTTP/1.1\r\nHost: client.example\r\nB: 1\r\na: 2\r\nB: 3\r\n"
              "Empty: \r\n\r\n");
}

TEST(Forwarding, TurnsAbsoluteFormIntoOriginForm) {
    EXPECT_EQ(forward("", {}, "GET http://client.example HTTP/1.1"),
              "GET / HTTP/1.1\r\nHost: client.example\r\n\r\n");
    EXPECT_EQ(forward("", {}, "GET http://client.example/b?c HTTP/1.0"),
              "GET /b?c HTTP/1.1\r\nHost: client.example\r\n\r\n");
}

TEST(Forwarding, SendsTheConfiguredHost) {
    ForwardingContext context;
    context.host = "api.internal:81";
    EXPECT_EQ(forward("", context), "GET /a HTTP/1.1\r\nHost: api.internal:81\r\n\r\n");
}

TEST(Forwarding, DropsWhatIsNotTheClientsToSay) {
    for (const char* field :
         {// 9110-7.6.1 and relatives
          "Connection: keep-alive", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive",
          "Proxy-Authenticate: x", "Proxy-Authorization: x", "Proxy-Whatever: x", "proxy_x: y",
          "TE: trailers", "Trailer: A", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk",
          "http2_settings: AAMAAABk",
          // Answered or re-made here
          "Expect: 100-continue", "X-Request-Id: x", "traceparent: x", "Forwarded: for=1.2.3.4",
          "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https", "X-Forwarded-Host: x",
          "X-Forwarded-Port: 443", "x-forwarded-prefix: /a", "X-Real-IP: 1.2.3.4",
          // Identity
          "X-Kwik-Token: x", "X-Kwik-Account: x", "x-kwik-account: x", "X_Kwik_Account: x",
          "X-Kwik_Account: x", "x_KWIK-account: x", "X.Kwik.Account: x", "X~Kwik^Account: x",
          "X-Kwik-Anything: x", "X-Kwik-: x",
          // Names that fold into known ones
          "x_forwarded_for: 1.2.3.4", "X_Request_Id: x", "content_length: 5",
          "Transfer_Encoding: chunked", "Content_Type: a/b", "Proxy_Authorization: x",
          "Signature_Input: x", "content_digest: x", "X.Real.Ip: x", "Keep_Alive: x",
          // Names by which an upstream may take another method or path than was authorised
          "Proxy: http://evil.example", "PROXY: x", "X-HTTP-Method-Override: DELETE",
          "X-Method-Override: DELETE", "X-HTTP-Method: PUT", "x_http_method_override: DELETE",
          "X-Original-URL: /admin", "X-Rewrite-URL: /admin"}) {
        EXPECT_EQ(forward(std::string{field} + "\r\n"), kBare) << field;
    }
}

TEST(Forwarding, KeepsNamesThatOnlyResemble) {
    for (const char* field :
         {"X-Kwik: x", "X-Kwikly-Account: x", "Authorization_: x", "X-Real-Ips: x",
          "Content-Lengths: 5", "my_header: x", "Cookie: a=b", "Via: 1.1 x", "Idempotency-Key: x",
          "X-Original-Url-Too: x", "Proxies: x", "X-Proxy: x"})
        EXPECT_EQ(forward(std::string{field} + "\r\n"),
                  "GET /a HTTP/1.1\r\nHost: client.example\r\n" + std::string{field} + "\r\n\r\n");
}

TEST(Forwarding, CountsMaxForwardsDownForOptionsAlone) {
    const std::string field = "Max-Forwards: 10\r\n";
    EXPECT_NE(forward(field, {}, "OPTIONS /a HTTP/1.1").find("\r\nMax-Forwards: 9\r\n"),
              std::string::npos);
    EXPECT_NE(forward(field).find("\r\n" + field), std::string::npos);
}

TEST(Forwarding, RemovesFieldsThatConnectionNames) {
    EXPECT_EQ(forward("X-A: 1\r\nConnection: x-a, B\r\nb: 2\r\nConnection: c\r\nC: 3\r\nD: 4\r\n"),
              "GET /a HTTP/1.1\r\nHost: client.example\r\nD: 4\r\n\r\n");
}

TEST(Forwarding, LetsConnectionRemoveNothingThatMatters) {
    auth::Principal principal;
    principal.id.assign("tok_1");
    principal.account.assign("acme");
    ForwardingContext context;
    context.principal = &principal;
    context.request_id = "r1";
    context.client_address = "192.0.2.7";
    context.credentials = CredentialHandling::pass;
    const std::string out = forward(
        "Connection: Host, Content-Length, Content-Type, Authorization, X-Kwik-Account, "
        "X-Kwik-Token, X-Request-Id, X-Forwarded-For, Content-Digest, Origin\r\n"
        "Content-Type: application/json\r\nAuthorization: Basic eDp5\r\nContent-Length: 5\r\n"
        "Content-Digest: sha-256=:eA==:\r\nOrigin: https://o.example\r\n",
        context, "POST /a HTTP/1.1");
    for (const char* line :
         {"Host: client.example", "Content-Type: application/json", "Authorization: Basic eDp5",
          "Content-Length: 5", "Content-Digest: sha-256=:eA==:", "Origin: https://o.example",
          "X-Kwik-Token: tok_1", "X-Kwik-Account: acme", "X-Request-Id: r1",
          "X-Forwarded-For: 192.0.2.7"})
        EXPECT_NE(out.find("\r\n" + std::string{line} + "\r\n"), std::string::npos) << line;
    EXPECT_EQ(out.find("Connection"), std::string::npos);
}

TEST(Forwarding, HandlesCredentialsAsTheUpstreamWants) {
    const std::string fields =
        "Authorization: Basic eDp5\r\nSignature: s=:eA==:\r\nSignature-Input: s=()\r\n"
        "Proxy-Authorization: x\r\n";
    const std::string host = "GET /a HTTP/1.1\r\nHost: client.example\r\n";
    ForwardingContext context;
    EXPECT_EQ(forward(fields, context), host + "\r\n");
    context.credentials = CredentialHandling::replace;
    context.replacement_authorization = "Basic b3Vycw==";
    EXPECT_EQ(forward(fields, context), host + "Authorization: Basic b3Vycw==\r\n\r\n");
    context.credentials = CredentialHandling::pass;
    EXPECT_EQ(forward(fields, context), host +
                                            "Authorization: Basic eDp5\r\nSignature: s=:eA==:\r\n"
                                            "Signature-Input: s=()\r\n\r\n");
}

TEST(Forwarding, SetsIdentityAfterRemovingTheClients) {
    auth::Principal principal;
    principal.id.assign("tok_abc");
    principal.account.assign("acme-42");
    principal.environment = auth::Environment::test;
    principal.scheme = auth::Scheme::signature;
    ForwardingContext context;
    context.principal = &principal;
    context.section = "payments";
    context.access = auth::Access::write;
    EXPECT_EQ(forward("X-Kwik-Account: evil\r\nX_Kwik_Account: evil\r\n", context),
              "GET /a HTTP/1.1\r\nHost: client.example\r\nX-Kwik-Access: write\r\n"
              "X-Kwik-Account: acme-42\r\nX-Kwik-Environment: test\r\nX-Kwik-Scheme: signature\r\n"
              "X-Kwik-Section: payments\r\nX-Kwik-Token: tok_abc\r\n\r\n");
    principal.account.clear();
    context.section = {};
    const std::string out = forward("X-Kwik-Account: evil\r\nX-Kwik-Section: evil\r\n", context);
    EXPECT_EQ(out.find("Account"), std::string::npos);
    EXPECT_EQ(out.find("Section"), std::string::npos);
    EXPECT_EQ(forward("X-Kwik-Account: evil\r\n"), kBare);
}

TEST(Forwarding, AppendsThePeerToATrustedChain) {
    ForwardingContext context;
    context.client_address = "192.0.2.7";
    context.scheme = "https";
    context.forwarded_host = "public.example";
    context.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    context.request_id = "id-1";
    const std::string tail =
        "X-Forwarded-Proto: https\r\nX-Forwarded-Host: public.example\r\nX-Request-Id: id-1\r\n"
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n";
    const std::string host = "GET /a HTTP/1.1\r\nHost: client.example\r\n";
    EXPECT_EQ(forward("X-Forwarded-For: 6.6.6.6\r\n", context),
              host + "X-Forwarded-For: 192.0.2.7\r\n" + tail);
    context.keeps_chain = true;
    EXPECT_EQ(forward("X-Forwarded-For: 203.0.113.9, 198.51.100.2\r\n", context),
              host + "X-Forwarded-For: 203.0.113.9, 198.51.100.2, 192.0.2.7\r\n" + tail);
    EXPECT_EQ(forward("X-Forwarded-For: 6.6.6.6\r\nx-forwarded-for: 203.0.113.9\r\n"
                      "X-Forwarded-For: \r\nX_Forwarded_For: 7.7.7.7\r\n",
                      context),
              host + "X-Forwarded-For: 6.6.6.6, 203.0.113.9, 192.0.2.7\r\n" + tail);
    EXPECT_EQ(forward("", context), host + "X-Forwarded-For: 192.0.2.7\r\n" + tail);
}

TEST(Forwarding, SendsTheStateOfATraceWithTheTraceOnly) {
    ForwardingContext context;
    const std::string host = "GET /a HTTP/1.1\r\nHost: client.example\r\n";
    EXPECT_EQ(forward("tracestate: vendor=1\r\nTraceState: b=2\r\n", context), kBare);
    context.continues_trace = true;
    EXPECT_EQ(forward("tracestate: vendor=1\r\nTraceState: b=2\r\n", context),
              host + "tracestate: vendor=1\r\nTraceState: b=2\r\n\r\n");
}

TEST(Forwarding, NamesItselfInVia) {
    ForwardingContext context;
    context.via = "edge-1";
    const std::string host = "GET /a HTTP/1.1\r\nHost: client.example\r\n";
    EXPECT_EQ(forward("", context), host + "Via: 1.1 edge-1\r\n\r\n");
    EXPECT_EQ(forward("Via: 1.0 fred\r\nA: b\r\n", context),
              host + "Via: 1.0 fred\r\nA: b\r\nVia: 1.1 edge-1\r\n\r\n");
    EXPECT_EQ(forward("", context, "GET /a HTTP/1.0"), host + "Via: 1.0 edge-1\r\n\r\n");
}

TEST(Forwarding, SerialisesFramingAnew) {
    const std::string post = "POST /a HTTP/1.1";
    const std::string start = "POST /a HTTP/1.1\r\nHost: client.example\r\n";
    EXPECT_EQ(forward("Content-Length: 0007\r\n", {}, post), start + "Content-Length: 7\r\n\r\n");
    EXPECT_EQ(forward("Transfer-Encoding: CHUNKED\r\n", {}, post),
              start + "Transfer-Encoding: chunked\r\n\r\n");
    EXPECT_EQ(forward("", {}, post), start + "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(forward("content_length: 9\r\nContent-Length: 7\r\ntransfer_encoding: chunked\r\n",
                      {}, post),
              start + "Content-Length: 7\r\n\r\n");
    EXPECT_EQ(forward("Content-Length: 3\r\n"),
              "GET /a HTTP/1.1\r\nHost: client.example\r\nContent-Length: 3\r\n\r\n");
}

TEST(Forwarding, WritesAHeadThatItsOwnParserAccepts) {
    auth::Principal principal;
    principal.id.assign("tok_1");
    ForwardingContext context;
    context.principal = &principal;
    context.client_address = "::1";
    const std::string out = forward("Content-Length: 5\r\nExpect: 100-continue\r\nTE: x\r\n",
                                    context, "POST /a HTTP/1.1");
    RequestHead head;
    std::size_t resume_at = 0;
    ASSERT_EQ(parse_request_head(out, {}, resume_at, head).status, ParseStatus::complete);
    EXPECT_EQ(head.head_bytes, out.size());
}

#ifdef NDEBUG
TEST(Forwarding, LeavesOutABrokenValueOfOurOwn) {
    ForwardingContext context;
    context.request_id = "a\r\nX-Kwik-Account: evil";
    EXPECT_EQ(forward("", context), kBare);
}
#else
TEST(ForwardingDeathTest, AssertsOnABrokenValueOfOurOwn) {
    ForwardingContext context;
    context.request_id = "a\r\nX-Kwik-Account: evil";
    EXPECT_DEATH(forward("", context), "is_sound");
}
#endif

TEST(Forwarding, RecognisesIdentityHeadersInAnySpelling) {
    for (const char* name : {"X-Kwik-Token", "x-kwik-x", "X_KWIK_A", "x_kwik-a", "X-Kwik-"})
        EXPECT_TRUE(is_identity_header(name)) << name;
    for (const char* name : {"X-Kwik", "X-Kwi", "XX-Kwik-A", "X-Kwika-B", ""})
        EXPECT_FALSE(is_identity_header(name)) << name;
}

std::string respond(const std::string& text, const ResponseForwarding& context,
                    bool to_head = false) {
    ResponseHead head;
    std::size_t resume_at = 0;
    EXPECT_EQ(parse_response_head(text, {}, to_head, resume_at, head), ParseStatus::complete)
        << text;
    std::string out = "left from before";
    write_downstream_response_head(head, context, out);
    return out;
}

TEST(Forwarding, CleansResponses) {
    ResponseForwarding context;
    context.request_id = "ours";
    context.framing = BodyFraming::content_length;
    context.has_content_length = true;
    context.content_length = 5;
    EXPECT_EQ(
        respond("HTTP/1.0 200 Fine\r\nServer: x\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\n"
                "Keep-Alive: timeout=5\r\nContent-Length: 0005\r\nX-Request-Id: theirs\r\n"
                "Upgrade: h2c\r\nTrailer: A\r\nProxy-Authenticate: Basic\r\n"
                "Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n",
                context),
        "HTTP/1.1 200 Fine\r\nServer: x\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n"
        "Content-Length: 5\r\nX-Request-Id: ours\r\n\r\n");
}

TEST(Forwarding, KeepsWhatAnAnswerCannotBeUnderstoodWithout) {
    ResponseForwarding context;
    context.framing = BodyFraming::content_length;
    const std::string fields =
        "Connection: upgrade\r\nUpgrade: TLS/1.0, HTTP/1.1\r\nProxy-Authenticate: Basic\r\n"
        "Proxy-Authentication-Info: x\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(respond("HTTP/1.1 426 x\r\n" + fields, context),
              "HTTP/1.1 426 x\r\nUpgrade: TLS/1.0, HTTP/1.1\r\nContent-Length: 0\r\n"
              "Connection: upgrade\r\n\r\n");
    EXPECT_EQ(respond("HTTP/1.1 407 x\r\n" + fields, context),
              "HTTP/1.1 407 x\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(respond("HTTP/1.1 401 x\r\n" + fields, context),
              "HTTP/1.1 401 x\r\nContent-Length: 0\r\n\r\n");
}

TEST(Forwarding, LeavesOutTheFramingOfAnswersWithoutABody) {
    ResponseForwarding context;
    context.framing = BodyFraming::none;
    for (const char* field : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
                              "Content-Length: 5\r\nTransfer-Encoding: x\r\n"})
        EXPECT_EQ(respond("HTTP/1.1 204 x\r\n" + std::string(field) + "\r\n", context),
                  "HTTP/1.1 204 x\r\n\r\n");
}

TEST(Forwarding, AddsTheDateThatAnAnswerLacks) {
    ResponseForwarding context;
    context.date = "Sun, 06 Nov 1994 08:49:37 GMT";
    EXPECT_EQ(respond("HTTP/1.1 204 No Content\r\nA: b\r\n\r\n", context),
              "HTTP/1.1 204 No Content\r\nA: b\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
    EXPECT_EQ(
        respond("HTTP/1.1 204 No Content\r\ndate: theirs\r\nConnection: date\r\n\r\n", context),
        "HTTP/1.1 204 No Content\r\ndate: theirs\r\n\r\n");
}

TEST(Forwarding, NamesItselfInTheViaOfAnswers) {
    ResponseForwarding context;
    context.via = "edge-1";
    EXPECT_EQ(respond("HTTP/1.1 204 No Content\r\nVia: 1.1 b\r\n\r\n", context),
              "HTTP/1.1 204 No Content\r\nVia: 1.1 b\r\nVia: 1.1 edge-1\r\n\r\n");
    EXPECT_NE(respond("HTTP/1.0 204 No Content\r\n\r\n", context).find("\r\nVia: 1.0 edge-1\r\n"),
              std::string::npos);
}

TEST(Forwarding, FramesResponsesAnew) {
    struct Row {
        const char* head;
        ResponseForwarding context;
        const char* tail;
    };
    const auto context = [](BodyFraming framing, bool has_length, bool keep_alive,
                            Version version) {
        ResponseForwarding made;
        made.framing = framing;
        made.has_content_length = has_length;
        made.content_length = has_length ? 5 : 0;
        made.keep_alive = keep_alive;
        made.client_version = version;
        return made;
    };
    constexpr auto k10 = Version::http_1_0;
    constexpr auto k11 = Version::http_1_1;
    constexpr auto kNone = BodyFraming::none;
    for (const Row& row : std::vector<Row>{
             {"200 OK", context(BodyFraming::chunked, false, true, k11),
              "Transfer-Encoding: chunked\r\n"},
             {"200 OK", context(BodyFraming::content_length, true, true, k10),
              "Content-Length: 5\r\nConnection: keep-alive\r\n"},
             {"200 OK", context(BodyFraming::content_length, true, false, k11),
              "Content-Length: 5\r\nConnection: close\r\n"},
             {"200 OK", context(BodyFraming::until_close, false, true, k10),
              "Connection: close\r\n"},
             {"200 OK", context(kNone, true, true, k11), "Content-Length: 5\r\n"},
             {"200 OK", context(kNone, false, true, k11), ""},
             {"304 Not Modified", context(kNone, true, true, k11), "Content-Length: 5\r\n"},
             {"204 No Content", context(kNone, true, true, k11), ""},
             {"103 Early Hints", context(kNone, true, true, k11), ""},
         }) {
        const std::string start = "HTTP/1.1 " + std::string{row.head} + "\r\n";
        EXPECT_EQ(respond(start + "\r\n", row.context), start + row.tail + "\r\n") << row.head;
    }
}

}  // namespace
}  // namespace kwikgate::gateway::http
