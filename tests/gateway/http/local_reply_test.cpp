#include "gateway/http/local_reply.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "gateway/http/response_parser.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::Reason;

std::string write(const LocalReply& reply) {
    std::string out;
    write_local_reply(reply, out);
    return out;
}

LocalReply refusal(Reason reason) {
    LocalReply reply;
    reply.reason = reason;
    reply.request_id = "req-1";
    reply.keep_alive = true;
    return reply;
}

bool has_line(const std::string& answer, const std::string& line) {
    return answer.find("\r\n" + line + "\r\n") != std::string::npos;
}

std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

TEST(LocalReply, AnswersInKwiksLayout) {
    LocalReply reply = refusal(Reason::section_not_granted);
    reply.needed_section = "payments";
    reply.needed_access = auth::Access::write;
    reply.held_access = "none";
    EXPECT_EQ(write(reply),
              "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 198\r\n"
              "Cache-Control: no-store\r\nX-Request-Id: req-1\r\nConnection: keep-alive\r\n\r\n"
              "{\"status\":false,\"error_code\":\"G04\",\"error_message\":\"Section not granted\","
              "\"reason\":\"section_not_granted\",\"error_details\":[{\"section\":\"payments\","
              "\"needed\":\"write\",\"held\":\"none\"}],\"request_id\":\"req-1\"}\n");
}

TEST(LocalReply, AnswersAsProblemWhereAcceptPrefersIt) {
    LocalReply reply = refusal(Reason::route_unknown);
    reply.accept = "application/problem+json, application/json;q=0.5";
    const std::string answer = write(reply);
    EXPECT_TRUE(has_line(answer, "Content-Type: application/problem+json"));
    EXPECT_EQ(
        body_of(answer),
        "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
        "\"detail\":\"Invalid URL parameter\",\"error_code\":\"006\",\"reason\":\"route_unknown\","
        "\"error_details\":[],\"request_id\":\"req-1\"}\n");
}

TEST(LocalReply, FramesEveryReasonSoThatItsOwnParserAcceptsIt) {
    for (const auth::ReasonRow& row : auth::reason_table()) {
        if (row.reason == Reason::none) continue;
        const std::string answer = write(refusal(row.reason));
        ResponseHead head;
        std::size_t resume_at = 0;
        ASSERT_EQ(parse_response_head(answer, {}, false, resume_at, head), ParseStatus::complete)
            << row.token;
        EXPECT_EQ(head.status, row.status) << row.token;
        EXPECT_NE(head.reason_phrase, "Internal Server Error") << row.token;
        EXPECT_EQ(head.content_length, answer.size() - head.head_bytes) << row.token;
        EXPECT_EQ(head.keep_alive, !row.closes_connection) << row.token;
        EXPECT_EQ(has_line(answer, "Retry-After: 1"), row.retry_after) << row.token;
        EXPECT_EQ(answer.find("WWW-Authenticate") != std::string::npos, row.challenges)
            << row.token;
        EXPECT_NE(answer.find("\"reason\":\"" + std::string{row.token} + "\""), std::string::npos);
    }
}

TEST(LocalReply, HidesWhetherAKeyExists) {
    // One reason for both; what differs between two requests is their id and nothing else.
    LocalReply unknown_key = refusal(Reason::credential_invalid);
    LocalReply wrong_secret = refusal(Reason::credential_invalid);
    wrong_secret.request_id = "req-2";
    std::string second = write(wrong_secret);
    for (std::size_t at = second.find("req-2"); at != std::string::npos; at = second.find("req-2"))
        second[at + 4] = '1';
    EXPECT_EQ(write(unknown_key), second);
}

TEST(LocalReply, ChallengesOneSchemeALine) {
    LocalReply reply = refusal(Reason::credential_missing);
    reply.accept_signature = "sig1=(\"@method\");keyid";
    const std::string basic = "WWW-Authenticate: Basic realm=\"kwikgate\", charset=\"UTF-8\"";
    const std::string signature = "WWW-Authenticate: Signature realm=\"kwikgate\"";
    const std::string both = write(reply);
    EXPECT_NE(both.find(basic + "\r\n" + signature + "\r\n"), std::string::npos);
    EXPECT_TRUE(has_line(both, "Accept-Signature: sig1=(\"@method\");keyid"));
    reply.offers_basic = false;
    EXPECT_FALSE(has_line(write(reply), basic));
    EXPECT_TRUE(has_line(write(reply), signature));
    reply.offers_basic = true;
    reply.offers_signature = false;
    EXPECT_TRUE(has_line(write(reply), basic));
    EXPECT_FALSE(has_line(write(reply), signature));
}

TEST(LocalReply, AsksForASignatureOnlyWhereOneIsTaken) {
    LocalReply reply = refusal(Reason::credential_missing);
    reply.accept_signature = "sig1=(\"@method\");keyid";
    reply.offers_basic = reply.offers_signature = false;
    reply.offers_public_key = true;
    const std::string answer = write(reply);
    EXPECT_TRUE(has_line(answer, "WWW-Authenticate: PublicKey realm=\"kwikgate\""));
    EXPECT_EQ(answer.find("Signature"), std::string::npos);
}

TEST(LocalReply, TellsLimits) {
    LocalReply reply = refusal(Reason::rate_limited);
    reply.limit_quota = 100;
    reply.limit_burst = 20;
    reply.retry_after_seconds = 3;
    const std::string answer = write(reply);
    EXPECT_TRUE(has_line(answer, "Retry-After: 3"));
    EXPECT_TRUE(has_line(answer, "RateLimit-Policy: \"token\";q=100;w=1;burst=20"));
    EXPECT_TRUE(has_line(answer, "RateLimit: \"token\";r=0;t=3"));
    EXPECT_EQ(write(refusal(Reason::address_limited)).find("RateLimit"), std::string::npos);
}

TEST(LocalReply, NamesThePolicyThatRefused) {
    LocalReply reply = refusal(Reason::address_limited);
    reply.limit_policy = "address";
    reply.limit_quota = 60;
    reply.limit_window_seconds = 60;
    reply.limit_burst = 20;
    const std::string answer = write(reply);
    EXPECT_TRUE(has_line(answer, "RateLimit-Policy: \"address\";q=60;w=60;burst=20"));
    EXPECT_TRUE(has_line(answer, "RateLimit: \"address\";r=0;t=1"));
}

TEST(LocalReply, NamesAllowedMethods) {
    LocalReply reply = refusal(Reason::method_not_allowed);
    reply.allow = "GET, HEAD";
    EXPECT_TRUE(has_line(write(reply), "Allow: GET, HEAD"));
    EXPECT_EQ(write(refusal(Reason::route_unknown)).find("Allow:"), std::string::npos);
}

TEST(LocalReply, AnswersHeadWithoutABody) {
    LocalReply reply = refusal(Reason::route_unknown);
    const std::string full = write(reply);
    reply.head_request = true;
    EXPECT_EQ(write(reply), full.substr(0, full.find("\r\n\r\n") + 4));
}

TEST(LocalReply, ClosesWhereTheClientOrTheReasonAsks) {
    LocalReply reply = refusal(Reason::route_unknown);
    EXPECT_TRUE(has_line(write(reply), "Connection: keep-alive"));
    reply.keep_alive = false;
    EXPECT_TRUE(has_line(write(reply), "Connection: close"));
    EXPECT_TRUE(has_line(write(refusal(Reason::bad_framing)), "Connection: close"));
}

TEST(LocalReply, AppendsBehindWhatIsThere) {
    std::string out = "HTTP/1.1 200 OK\r\n\r\n";
    write_local_reply(refusal(Reason::route_unknown), out);
    EXPECT_EQ(out, "HTTP/1.1 200 OK\r\n\r\n" + write(refusal(Reason::route_unknown)));
}

TEST(LocalReply, ShowsTheCauseAndTheSignatureBaseLineByLine) {
    LocalReply reply = refusal(Reason::credential_invalid);
    reply.signature_cause = "signature_differs";
    reply.signature_words = "It \"differs\"";
    reply.signature_advice = "Compare";
    reply.authority = "a.test";
    reply.authority_from = "Host";
    reply.scheme = "https";
    reply.scheme_from = "X-Forwarded-Proto";
    reply.signature_base = "\"@method\": GET\n\"@path\": /a\"b\n\"@signature-params\": ()";
    EXPECT_NE(
        write(reply).find("\"error_details\":[{\"cause\":\"signature_differs\",\"detail\":"
                          "\"It \\\"differs\\\"\",\"advice\":\"Compare\","
                          "\"signature_base\":[\"\\\"@method\\\": GET\",\"\\\"@path\\\": /a\\\"b\","
                          "\"\\\"@signature-params\\\": ()\"],"
                          "\"authority\":\"a.test\",\"authority_from\":\"Host\","
                          "\"scheme\":\"https\",\"scheme_from\":\"X-Forwarded-Proto\"}],"),
        std::string::npos);
}

TEST(LocalReply, EscapesWhatAnotherWrote) {
    LocalReply reply = refusal(Reason::section_not_granted);
    reply.needed_section = "a\"b\\c\r\n\x01\xff";
    EXPECT_NE(write(reply).find("\"section\":\"a\\\"b\\\\c\\r\\n\\u0001\\ufffd\""),
              std::string::npos);
}

}  // namespace
}  // namespace kwikgate::gateway::http
