#include "gateway/http/request_parser.hpp"

#include <chrono>
#include <string>

#include "tests/gateway/http/request_heads.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::Reason;
using testing::every_byte;
using testing::feed_request;
using testing::RequestVerdict;

/// Parses text that is expected to be complete.
RequestHead parsed(std::string_view text) {
    RequestHead head;
    std::size_t resume_at = 0;
    EXPECT_EQ(parse_request_head(text, {}, resume_at, head).status, ParseStatus::complete) << text;
    return head;
}

TEST(RequestParser, YieldsWhatTheHeadSays) {
    const std::string text =
        "POST /2.0/cdv?x=%20y&z HTTP/1.1\r\nHost: api.example:8443\r\nA:  b \t\r\na: \tc d\r\n"
        "Content-Length: 12\r\nExpect: 100-continue\r\n\r\nhello world!";
    const RequestHead head = parsed(text);
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.target, "/2.0/cdv?x=%20y&z");
    EXPECT_EQ(head.path, "/2.0/cdv");
    EXPECT_EQ(head.query, "x=%20y&z");
    EXPECT_TRUE(head.has_query);
    EXPECT_EQ(head.authority, "api.example:8443");
    EXPECT_EQ(head.framing, BodyFraming::content_length);
    EXPECT_EQ(head.content_length, 12U);
    EXPECT_TRUE(head.expects_continue);
    EXPECT_TRUE(head.keep_alive);
    EXPECT_EQ(text.substr(head.head_bytes), "hello world!");
    ASSERT_EQ(head.fields.size(), 5U);
    EXPECT_EQ(head.fields[0].known, auth::FieldName::host);
    EXPECT_EQ(head.fields[1].name, "A");
    EXPECT_EQ(head.fields[1].value, "b");
    EXPECT_EQ(head.fields[2].value, "c d");
}

TEST(RequestParser, CountsASkippedEmptyLine) {
    const RequestHead head = parsed("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(head.head_bytes, 29U);
}

TEST(RequestParser, LeavesPipelinedBytesAlone) {
    const std::string first = get("");
    const RequestHead head = parsed(first + "\x01garbage");
    EXPECT_EQ(head.head_bytes, first.size());
}

TEST(RequestParser, TakesPathOfAbsoluteTarget) {
    const RequestHead head = parsed("GET HTTP://A:1/b?c HTTP/1.1\r\nHost: a:1\r\n\r\n");
    EXPECT_EQ(head.path, "/b");
    EXPECT_EQ(head.query, "c");
    EXPECT_EQ(head.authority, "a:1");
    EXPECT_EQ(parsed("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").path, "/");
    EXPECT_EQ(parsed("GET http://a/b HTTP/1.0\r\n\r\n").authority, "a");
}

TEST(RequestParser, DecidesPersistence) {
    struct Row {
        const char* version;
        const char* connection;
        bool keep_alive;
    };
    for (const Row& row : {Row{"1.1", "", true},
                           {"1.1", "Connection: close\r\n", false},
                           {"1.1", "Connection: x, CLOSE\r\n", false},
                           {"1.1", "Connection: x\r\nConnection: close\r\n", false},
                           {"1.1", "Connection: closed\r\n", true},
                           {"1.1", "Connection: keep-alive, close\r\n", false},
                           {"1.0", "", false},
                           {"1.0", "Connection: Keep-Alive\r\n", true},
                           {"1.0", "Connection: keep-alive, close\r\n", false},
                           {"1.0", "Proxy-Connection: keep-alive\r\n", false}}) {
        const std::string text =
            std::string{"GET / HTTP/"} + row.version + "\r\nHost: a\r\n" + row.connection + "\r\n";
        EXPECT_EQ(parsed(text).keep_alive, row.keep_alive) << text;
    }
}

TEST(RequestParser, ExpectsContinueOnlyWhereABodyFollows) {
    EXPECT_TRUE(
        parsed(post("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n")).expects_continue);
    EXPECT_FALSE(parsed(post("Expect: 100-continue\r\nContent-Length: 0\r\n")).expects_continue);
    EXPECT_FALSE(parsed(get("Expect: 100-continue\r\n")).expects_continue);
    EXPECT_FALSE(parsed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                     .expects_continue);
}

RequestVerdict limited(const std::string& text, const HeadLimits& limits) {
    RequestVerdict whole = feed_request(text, {}, limits);
    for (std::size_t cut = 0; cut < text.size(); ++cut)
        EXPECT_EQ(feed_request(text, {cut}, limits), whole) << "cut at " << cut;
    EXPECT_EQ(feed_request(text, every_byte(text), limits), whole);
    return whole;
}

TEST(RequestParser, LimitsTheRequestLine) {
    const HeadLimits limits{20, 400, 5};
    const std::string fits = "GET /23456 HTTP/1.1\r\nHost: a\r\n\r\n";
    EXPECT_EQ(limited("GET /234567 HTTP/1.1\r\nHost: a\r\n\r\n", limits).status,
              ParseStatus::complete);
    EXPECT_EQ(limited(fits, limits).status, ParseStatus::complete);
    EXPECT_EQ(limited("\r\n" + fits, limits).status, ParseStatus::complete);
    EXPECT_EQ(limited("GET /2345678 HTTP/1.1\r\nHost: a\r\n\r\n", limits).reason,
              Reason::target_too_long);
    EXPECT_EQ(limited("GET /" + std::string(600, 'a'), limits).reason, Reason::target_too_long);
}

TEST(RequestParser, LimitsTheWholeHead) {
    const HeadLimits limits{30, 60, 5};
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nA: ";  // 28 bytes, 4 more at the end
    EXPECT_EQ(limited(start + std::string(28, 'b') + "\r\n\r\n", limits).status,
              ParseStatus::complete);
    EXPECT_EQ(limited(start + std::string(29, 'b') + "\r\n\r\n", limits).reason,
              Reason::header_too_large);
    EXPECT_EQ(limited(start + std::string(500, 'b'), limits).reason, Reason::header_too_large);
}

TEST(RequestParser, LimitsTheNumberOfFields) {
    const HeadLimits limits{30, 400, 3};
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nA: b\r\n";
    EXPECT_EQ(limited(start + "\r\n", limits).status, ParseStatus::complete);
    EXPECT_EQ(limited(start + "A: b\r\n\r\n", limits).reason, Reason::header_too_large);
}

TEST(RequestParser, NeedsMoreUntilTheLastByte) {
    const std::string text = post("A: b\r\nContent-Length: 5\r\n");
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_EQ(feed_request(text.substr(0, size), {}).status, ParseStatus::need_more) << size;
}

TEST(RequestParser, RefusesWithoutWaitingForTheEndOfTheHead) {
    EXPECT_EQ(feed_request("GET /\r\n", {}).reason, Reason::bad_request_line);
    EXPECT_EQ(feed_request("GET / HTTP/1.1\r\nA b: c\r\n", {}).reason, Reason::bad_header);
    EXPECT_EQ(feed_request("GET / HTTP/1.1\r\nA b: c\r\n", {17}).reason, Reason::bad_header);
}

TEST(RequestParser, KeepsTheCapacityOfTheFields) {
    RequestHead head;
    head.fields.reserve(64);
    const auth::FieldLine* const storage = head.fields.data();
    std::size_t resume_at = 0;
    for (int i = 0; i < 3; ++i)
        ASSERT_EQ(parse_request_head(get("A: b\r\nC: d\r\n"), {}, resume_at, head).status,
                  ParseStatus::complete);
    EXPECT_EQ(head.fields.data(), storage);
}

TEST(RequestParser, DoesLinearWorkForASlowSender) {
    // One byte a call over a head of one 400 KB line and another of 60,000 lines. Linear work takes
    // milliseconds here; work that grew with the square would take at least ten seconds.
    const HeadLimits limits{1024, 1024 * 1024, 70000};
    std::string lines = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 60000; ++i) lines += "A: b\r\n";
    for (const std::string& text :
         {"GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(400000, 'b') + "\r\n\r\n",
          lines + "\r\n"}) {
        RequestHead head;
        head.fields.reserve(70000);
        std::size_t resume_at = 0;
        const auto begin = std::chrono::steady_clock::now();
        std::size_t size = 1;
        while (parse_request_head(std::string_view{text}.substr(0, size), limits, resume_at, head)
                   .status == ParseStatus::need_more)
            ++size;
        const auto took = std::chrono::steady_clock::now() - begin;
        EXPECT_EQ(size, text.size());
        EXPECT_LT(took, std::chrono::seconds{3});
    }
}

}  // namespace
}  // namespace kwikgate::gateway::http
