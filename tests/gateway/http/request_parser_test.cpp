#include "gateway/http/request_parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/gateway/http/feeding.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::Reason;
using testing::every_byte;
using testing::feed_request;
using testing::RequestVerdict;
using namespace std::string_literals;

struct Case {
    const char* clause;
    std::string text;
    Reason reason;  ///< none: accepted.
};

/// Whole, cut in two at every byte, and byte by byte: one verdict.
void expect_verdict(const Case& item) {
    SCOPED_TRACE(item.clause);
    SCOPED_TRACE(::testing::PrintToString(item.text));
    const RequestVerdict whole = feed_request(item.text, {});
    EXPECT_EQ(whole.status,
              item.reason == Reason::none ? ParseStatus::complete : ParseStatus::refused);
    EXPECT_EQ(auth::row(whole.reason).token, auth::row(item.reason).token);
    for (std::size_t cut = 0; cut < item.text.size(); ++cut)
        ASSERT_EQ(feed_request(item.text, {cut}), whole) << "cut at " << cut;
    EXPECT_EQ(feed_request(item.text, every_byte(item.text)), whole);
}

void expect_verdicts(const std::vector<Case>& cases) {
    for (const Case& item : cases) expect_verdict(item);
}

std::string get(std::string_view fields) {
    return std::string{"GET /a HTTP/1.1\r\nHost: a.example\r\n"}.append(fields).append("\r\n");
}

std::string post(std::string_view fields) {
    return std::string{"POST /a HTTP/1.1\r\nHost: a.example\r\n"}.append(fields).append("\r\n");
}

std::string line(std::string_view request_line) {
    return std::string{request_line}.append("\r\nHost: a.example\r\n\r\n");
}

TEST(RequestParser, JudgesRequestLines) {
    expect_verdicts({
        {"9112-3 plain", line("GET / HTTP/1.1"), Reason::none},
        {"9112-2.2 one empty line before", "\r\n" + line("GET / HTTP/1.1"), Reason::none},
        {"9112-2.2 two empty lines before", "\r\n\r\n" + line("GET / HTTP/1.1"),
         Reason::bad_request_line},
        {"9112-2.2 bare LF before", "\n" + line("GET / HTTP/1.1"), Reason::bad_request_line},
        {"9112-2.2 bare CR before", "\r" + line("GET / HTTP/1.1"), Reason::bad_request_line},
        {"9112-2.2 bare LF ends the line", "GET / HTTP/1.1\nHost: a\r\n\r\n",
         Reason::bad_request_line},
        {"9112-2.2 bare CR ends the line", "GET / HTTP/1.1\rHost: a\r\n\r\n",
         Reason::bad_request_line},
        {"9112-2.2 CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", Reason::bad_request_line},
        {"9112-3 space before", line(" GET / HTTP/1.1"), Reason::bad_request_line},
        {"9112-3 two spaces after method", line("GET  / HTTP/1.1"), Reason::bad_request_line},
        {"9112-3 two spaces after target", line("GET /  HTTP/1.1"), Reason::bad_request_line},
        {"9112-3 space at the end", line("GET / HTTP/1.1 "), Reason::bad_request_line},
        {"9112-3 tab for space", line("GET\t/\tHTTP/1.1"), Reason::bad_request_line},
        {"9112-3 target with a space", line("GET /a b HTTP/1.1"), Reason::bad_request_line},
        {"9112-3 no target", line("GET HTTP/1.1"), Reason::bad_request_line},
        {"9112-3 HTTP/0.9", line("GET /"), Reason::bad_request_line},
        {"9112-3 nothing but a method", line("GET"), Reason::bad_request_line},
        {"9112-3.1 no method", line(" / HTTP/1.1"), Reason::bad_request_line},
        {"9112-3.1 any token is a method", line("M-SEARCH / HTTP/1.1"), Reason::none},
        {"9112-3.1 methods are case-sensitive tokens", line("get / HTTP/1.1"), Reason::none},
        {"9112-3.1 32 characters", line(std::string(32, 'A') + " / HTTP/1.1"), Reason::none},
        {"9112-3.1 33 characters", line(std::string(33, 'A') + " / HTTP/1.1"),
         Reason::bad_request_line},
        {"9110-9.1 separator in method", line("GE(T / HTTP/1.1"), Reason::bad_request_line},
        {"9110-9.1 colon in method", line("GET: / HTTP/1.1"), Reason::bad_request_line},
        {"9110-9.1 NUL in method", line("GE\0T / HTTP/1.1"s), Reason::bad_request_line},
        {"9110-9.1 non-ASCII in method", line("G\xc3\x89T / HTTP/1.1"), Reason::bad_request_line},
        {"TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s,
         Reason::bad_request_line},
    });
}

TEST(RequestParser, JudgesVersions) {
    expect_verdicts({
        {"9112-2.3 HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", Reason::none},
        {"9112-2.3 HTTP/1.2", line("GET / HTTP/1.2"), Reason::version_unsupported},
        {"9112-2.3 HTTP/2.0", line("GET / HTTP/2.0"), Reason::version_unsupported},
        {"9112-2.3 HTTP/0.9", line("GET / HTTP/0.9"), Reason::version_unsupported},
        {"9113-3.4 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Reason::version_unsupported},
        {"9112-2.3 lower case", line("GET / http/1.1"), Reason::bad_request_line},
        {"9112-2.3 two digits", line("GET / HTTP/1.10"), Reason::bad_request_line},
        {"9112-2.3 two major digits", line("GET / HTTP/11.1"), Reason::bad_request_line},
        {"9112-2.3 no minor", line("GET / HTTP/1"), Reason::bad_request_line},
        {"9112-2.3 no minor digit", line("GET / HTTP/1."), Reason::bad_request_line},
        {"9112-2.3 comma", line("GET / HTTP/1,1"), Reason::bad_request_line},
        {"9112-2.3 other protocol", line("GET / ICAP/1.0"), Reason::bad_request_line},
        {"9112-2.3 plus", line("GET / HTTP/+1.1"), Reason::bad_request_line},
        {"9112-2.3 space in it", line("GET / HTTP /1.1"), Reason::bad_request_line},
    });
}

TEST(RequestParser, JudgesTargetForms) {
    expect_verdicts({
        {"9112-3.2.1 origin-form", line("GET /a/b?c=d HTTP/1.1"), Reason::none},
        {"9112-3.2.2 absolute-form", line("GET http://a.example/a HTTP/1.1"), Reason::none},
        {"9112-3.2.2 without path", line("GET http://a.example HTTP/1.1"), Reason::none},
        {"9112-3.2.4 OPTIONS of a whole server", line("OPTIONS http://a.example HTTP/1.1"),
         Reason::bad_request_line},
        {"9112-3.2.3 authority-form", line("CONNECT a.example:443 HTTP/1.1"),
         Reason::bad_request_line},
        {"9112-3.2.4 asterisk-form", line("OPTIONS * HTTP/1.1"), Reason::bad_request_line},
        {"9112-3.2 CONNECT with origin-form is the route table's", line("CONNECT /a HTTP/1.1"),
         Reason::none},
        {"9112-3.2 relative", line("GET a/b HTTP/1.1"), Reason::bad_request_line},
        {"9112-3.2 fragment", line("GET /a#b HTTP/1.1"), Reason::target_ambiguous},
        {"9112-3.2 control byte", line("GET /a\x01 HTTP/1.1"), Reason::bad_request_line},
        {"9112-3.2 NUL", line("GET /a\0b HTTP/1.1"s), Reason::bad_request_line},
        {"9112-3.2 DEL", line("GET /a\x7f HTTP/1.1"), Reason::bad_request_line},
        {"9112-3.2 bare LF", line("GET /a\nb HTTP/1.1"), Reason::bad_request_line},
        {"9112-3.2 non-ASCII", line("GET /\xc3\xa9 HTTP/1.1"), Reason::target_ambiguous},
        {"3986-5.2.4 dot segment", line("GET /a/../b HTTP/1.1"), Reason::target_ambiguous},
    });
}

TEST(RequestParser, JudgesFieldLines) {
    expect_verdicts({
        {"9112-5 no white space", get("A:b\r\n"), Reason::none},
        {"9110-5.5 OWS around a value", get("A: \t b c \t\r\n"), Reason::none},
        {"9110-5.5 empty value", get("A:\r\n"), Reason::none},
        {"9110-5.5 tab within", get("A: b\tc\r\n"), Reason::none},
        {"9110-5.5 obs-text", get("A: \xc3\xa9\xff\r\n"), Reason::none},
        {"9110-5.6.2 every tchar", get("!#$%&'*+-.^_`|~0aZ: b\r\n"), Reason::none},
        {"9112-5.1 space before the colon", get("A : b\r\n"), Reason::bad_header},
        {"9112-5.1 tab before the colon", get("A\t: b\r\n"), Reason::bad_header},
        {"9112-5.2 obs-fold, space", get("A: b\r\n c\r\n"), Reason::bad_header},
        {"9112-5.2 obs-fold, tab", get("A: b\r\n\tc\r\n"), Reason::bad_header},
        {"9112-5.2 white space line", get("A: b\r\n \r\n"), Reason::bad_header},
        {"9112-2.2 space before the first field",
         "GET / HTTP/1.1\r\n Host: a.example\r\nHost: a.example\r\n\r\n", Reason::bad_header},
        {"9112-5 no colon", get("Abc\r\n"), Reason::bad_header},
        {"9112-5 no name", get(": b\r\n"), Reason::bad_header},
        {"9110-5.1 space in name", get("A B: c\r\n"), Reason::bad_header},
        {"9110-5.1 non-ASCII in name", get("\xc3\x89: c\r\n"), Reason::bad_header},
        {"9110-5.1 NUL in name", get("A\0B: c\r\n"s), Reason::bad_header},
        {"9110-5.1 separator in name", get("A(b): c\r\n"), Reason::bad_header},
        {"9110-5.1 at sign in name", get("A@b: c\r\n"), Reason::bad_header},
        {"9110-5.5 NUL in value", get("A: b\0c\r\n"s), Reason::bad_header},
        {"9110-5.5 control byte in value", get("A: b\x01\r\n"), Reason::bad_header},
        {"9110-5.5 DEL in value", get("A: b\x7f\r\n"), Reason::bad_header},
        {"9110-5.5 escape in a long value", get("A: 0123456789abcdef\x1b[0m\r\n"),
         Reason::bad_header},
        {"9112-2.2 bare CR in value", get("A: b\rc\r\n"), Reason::bad_header},
        {"9112-2.2 bare CR at the end", get("A: b\r\r\n"), Reason::bad_header},
        {"9112-2.2 bare LF in value", get("A: b\nC: d\r\n"), Reason::bad_header},
        {"9112-2.2 bare LF ends a field", get("A: b\n"), Reason::bad_header},
        {"9112-2.2 bare LF ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\nGET",
         Reason::bad_header},
        {"9112-2.2 bare CR ends the head", "GET / HTTP/1.1\r\nHost: a\r\n\rGET",
         Reason::bad_header},
    });
}

TEST(RequestParser, JudgesHost) {
    const auto with = [](std::string_view fields, std::string_view target = "/a") {
        return std::string{"GET "}.append(target).append(" HTTP/1.1\r\n").append(fields) + "\r\n";
    };
    expect_verdicts({
        {"9112-3.2 missing", with(""), Reason::bad_host},
        {"9112-3.2 repeated", with("Host: a\r\nHost: a\r\n"), Reason::bad_host},
        {"9112-3.2 repeated, other case", with("Host: a\r\nhOST: b\r\n"), Reason::bad_host},
        {"9112-3.2 empty", with("Host:\r\n"), Reason::bad_host},
        {"9112-3.2 list", with("Host: a, b\r\n"), Reason::bad_host},
        {"9112-3.2 space within", with("Host: a b\r\n"), Reason::bad_host},
        {"9112-3.2 user information", with("Host: u@a\r\n"), Reason::bad_host},
        {"9112-3.2 with a path", with("Host: a/b\r\n"), Reason::bad_host},
        {"9112-3.2 with a scheme", with("Host: http://a\r\n"), Reason::bad_host},
        {"9110-7.2 port", with("Host: a:65535\r\n"), Reason::none},
        {"9110-7.2 port too large", with("Host: a:65536\r\n"), Reason::bad_host},
        {"9110-7.2 port empty", with("Host: a:\r\n"), Reason::bad_host},
        {"9110-7.2 port of letters", with("Host: a:http\r\n"), Reason::bad_host},
        {"9110-7.2 port twice", with("Host: a:80:80\r\n"), Reason::bad_host},
        {"3986-3.2.2 IPv4", with("Host: 127.0.0.1:8080\r\n"), Reason::none},
        {"3986-3.2.2 IPv6", with("Host: [::1]:8080\r\n"), Reason::none},
        {"3986-3.2.2 IPv6 unclosed", with("Host: [::1\r\n"), Reason::bad_host},
        {"3986-3.2.2 IPv6 zone", with("Host: [fe80::1%25eth0]\r\n"), Reason::bad_host},
        {"3986-3.2.2 IPv6 without brackets", with("Host: ::1\r\n"), Reason::bad_host},
        {"3986-3.2.2 escape", with("Host: a%2eb\r\n"), Reason::bad_host},
        {"3986-3.2.2 non-ASCII", with("Host: \xc3\xa9\r\n"), Reason::bad_host},
        {"9112-3.2.2 equals the absolute target", with("Host: A.b:80\r\n", "http://a.B:80/c"),
         Reason::none},
        {"9112-3.2.2 differs from the absolute target", with("Host: b\r\n", "http://a/c"),
         Reason::bad_host},
        {"9112-3.2.2 differs in its port", with("Host: a\r\n", "http://a:80/c"), Reason::bad_host},
        {"9112-3.2.2 missing beside an absolute target", with("", "http://a/c"), Reason::bad_host},
        {"9112-3.2 HTTP/1.0 without", "GET / HTTP/1.0\r\n\r\n", Reason::none},
        {"9112-3.2 HTTP/1.0 repeated", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
         Reason::bad_host},
        {"9112-3.2 HTTP/1.0 invalid", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", Reason::bad_host},
    });
}

TEST(RequestParser, JudgesContentLength) {
    expect_verdicts({
        {"9112-6.3 zero", post("Content-Length: 0\r\n"), Reason::none},
        {"9110-8.6 leading zeros", post("Content-Length: 0005\r\n"), Reason::none},
        {"9110-8.6 the largest", post("Content-Length: 9223372036854775807\r\n"), Reason::none},
        {"9110-8.6 one more", post("Content-Length: 9223372036854775808\r\n"), Reason::bad_framing},
        {"9110-8.6 2^64", post("Content-Length: 18446744073709551616\r\n"), Reason::bad_framing},
        {"9110-8.6 many digits", post("Content-Length: " + std::string(300, '1') + "\r\n"),
         Reason::bad_framing},
        {"9110-8.6 empty", post("Content-Length:\r\n"), Reason::bad_framing},
        {"9110-8.6 plus", post("Content-Length: +5\r\n"), Reason::bad_framing},
        {"9110-8.6 minus", post("Content-Length: -5\r\n"), Reason::bad_framing},
        {"9110-8.6 minus zero", post("Content-Length: -0\r\n"), Reason::bad_framing},
        {"9110-8.6 hex", post("Content-Length: 0x5\r\n"), Reason::bad_framing},
        {"9110-8.6 fraction", post("Content-Length: 5.0\r\n"), Reason::bad_framing},
        {"9110-8.6 exponent", post("Content-Length: 5e1\r\n"), Reason::bad_framing},
        {"9110-8.6 space within", post("Content-Length: 5 5\r\n"), Reason::bad_framing},
        {"9110-8.6 underscore", post("Content-Length: 5_0\r\n"), Reason::bad_framing},
        {"9110-8.6 quoted", post("Content-Length: \"5\"\r\n"), Reason::bad_framing},
        {"9110-8.6 equal list", post("Content-Length: 5, 5\r\n"), Reason::bad_framing},
        {"9110-8.6 list", post("Content-Length: 5, 6\r\n"), Reason::bad_framing},
        {"9110-8.6 trailing comma", post("Content-Length: 5,\r\n"), Reason::bad_framing},
        {"9112-6.3 repeated, equal", post("Content-Length: 5\r\nContent-Length: 5\r\n"),
         Reason::bad_framing},
        {"9112-6.3 repeated, different", post("Content-Length: 5\r\ncontent-length: 6\r\n"),
         Reason::bad_framing},
        {"9110-9.3.1 on GET", get("Content-Length: 5\r\n"), Reason::none},
        {"9112-6.3 HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", Reason::none},
    });
}

TEST(RequestParser, JudgesTransferEncoding) {
    const auto te = [](std::string_view value) {
        return post(std::string{"Transfer-Encoding: "}.append(value).append("\r\n"));
    };
    const Reason unknown = Reason::transfer_coding_unsupported;
    expect_verdicts({
        {"9112-7.1 chunked", te("chunked"), Reason::none},
        {"9112-7 case", te("cHuNkEd"), Reason::none},
        {"9112-7.1 on GET", get("Transfer-Encoding: chunked\r\n"), Reason::none},
        {"9112-6.1 gzip", te("gzip"), unknown},
        {"9112-6.1 gzip, chunked", te("gzip, chunked"), unknown},
        {"9112-6.1 gzip and chunked lines",
         post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), unknown},
        {"9112-7 identity", te("identity"), unknown},
        {"9112-7 like chunked", te("xchunked"), unknown},
        {"9112-7 like chunked, longer", te("chunkedd"), unknown},
        {"9112-6.1 chunked, gzip", te("chunked, gzip"), Reason::bad_framing},
        {"9112-6.1 chunked, identity", te("chunked, identity"), Reason::bad_framing},
        {"9112-7.1 twice", te("chunked, chunked"), Reason::bad_framing},
        {"9112-7.1 two lines", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
         Reason::bad_framing},
        {"9112-7.1 parameter", te("chunked;q=1"), Reason::bad_framing},
        {"9112-7.1 empty parameter", te("chunked;"), Reason::bad_framing},
        {"9112-6.1 empty", te(""), Reason::bad_framing},
        {"9112-6.1 comma only", te(","), Reason::bad_framing},
        {"9112-6.1 comma before", te(", chunked"), Reason::bad_framing},
        {"9112-6.1 comma behind", te("chunked,"), Reason::bad_framing},
        {"9112-6.1 quoted", te("\"chunked\""), Reason::bad_framing},
        {"9112-6.1 space within", te("chunked chunked"), Reason::bad_framing},
        {"9112-6.1 obs-text", te("chunked\xa0"), Reason::bad_framing},
        {"9112-5.1 space before the colon", post("Transfer-Encoding : chunked\r\n"),
         Reason::bad_header},
        {"9112-6.3 both", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
         Reason::bad_framing},
        {"9112-6.3 both, other order", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
         Reason::bad_framing},
        {"9112-6.3 unknown coding and length",
         post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"), Reason::bad_framing},
        {"9112-6.1 HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
         Reason::bad_framing},
        {"underscore is another field, dropped later", post("Transfer_Encoding: chunked\r\n"),
         Reason::none},
    });
}

TEST(RequestParser, JudgesExpectAndRepeatedFields) {
    expect_verdicts({
        {"9110-10.1.1 100-continue", post("Expect: 100-Continue\r\nContent-Length: 5\r\n"),
         Reason::none},
        {"9110-10.1.1 other", post("Expect: 200-ok\r\n"), Reason::expectation_failed},
        {"9110-10.1.1 empty", post("Expect:\r\n"), Reason::expectation_failed},
        {"9110-10.1.1 list", post("Expect: 100-continue, x\r\n"), Reason::expectation_failed},
        {"9110-10.1.1 twice", post("Expect: 100-continue\r\nExpect: 100-continue\r\n"),
         Reason::expectation_failed},
        {"9110-8.3 Content-Type twice", post("Content-Type: a/b\r\ncontent-type: a/b\r\n"),
         Reason::duplicate_field},
        {"6454-7 Origin twice", post("Origin: http://a\r\nOrigin: http://b\r\n"),
         Reason::duplicate_field},
        {"9530-2 Content-Digest combines",
         post("Content-Digest: a=:Yg==:\r\n"
              "Content-Digest: c=:ZA==:\r\n"),
         Reason::none},
        {"9110-5.3 lists combine", get("Accept: a/b\r\nAccept: c/d\r\n"), Reason::none},
        {"9110-7.6.1 Connection with 32 options",
         get("Connection: a" +
             [] {
                 std::string more;
                 for (int i = 0; i < 31; ++i) more += ",a";
                 return more;
             }() +
             "\r\n"),
         Reason::none},
        {"9110-7.6.1 Connection with 33 options",
         get("Connection: " + std::string(32, ',') + "\r\n"), Reason::bad_header},
        {"9110-7.8 Upgrade is not ours",
         get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: "
             "h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
         Reason::none},
    });
}

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
    const RequestVerdict whole = feed_request(text, {}, limits);
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
