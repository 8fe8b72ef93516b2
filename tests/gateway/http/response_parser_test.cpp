#include "gateway/http/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/gateway/http/feeding.hpp"

namespace kwikgate::gateway::http {
namespace {

using testing::every_byte;
using testing::feed_response;
using testing::ResponseVerdict;
using namespace std::string_literals;

struct Case {
    const char* clause;
    std::string text;
    bool accepted;
};

void expect_verdicts(const std::vector<Case>& cases) {
    for (const Case& item : cases) {
        SCOPED_TRACE(item.clause);
        const ResponseVerdict whole = feed_response(item.text, {}, false);
        EXPECT_EQ(whole.status, item.accepted ? ParseStatus::complete : ParseStatus::refused);
        for (std::size_t cut = 0; cut < item.text.size(); ++cut)
            ASSERT_EQ(feed_response(item.text, {cut}, false), whole) << "cut at " << cut;
        EXPECT_EQ(feed_response(item.text, every_byte(item.text), false), whole);
    }
}

std::string ok(std::string_view fields) {
    return std::string{"HTTP/1.1 200 OK\r\n"}.append(fields).append("\r\n");
}

std::string with_line(std::string_view line) {
    return std::string{line}.append("\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseParser, JudgesStatusLines) {
    expect_verdicts({
        {"9112-4 plain", with_line("HTTP/1.1 200 OK"), true},
        {"9112-4 HTTP/1.0", with_line("HTTP/1.0 200 OK"), true},
        {"9112-4 empty reason", with_line("HTTP/1.1 200 "), true},
        {"9112-4 no reason, no space", with_line("HTTP/1.1 200"), true},
        {"9112-4 reason with spaces, obs-text", with_line("HTTP/1.1 404 Not \tF\xc3\xb8und"), true},
        {"9110-15 599", with_line("HTTP/1.1 599 x"), true},
        {"9110-15 600", with_line("HTTP/1.1 600 x"), true},
        {"9110-15 999", with_line("HTTP/1.1 999 x"), true},
        {"9110-15 099", with_line("HTTP/1.1 099 x"), false},
        {"9110-15 two digits", with_line("HTTP/1.1 20 x"), false},
        {"9110-15 four digits", with_line("HTTP/1.1 2000 x"), false},
        {"9110-15 not digits", with_line("HTTP/1.1 2x0 x"), false},
        {"9110-15 minus", with_line("HTTP/1.1 -20 x"), false},
        {"9110-15.2.2 101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", false},
        {"9112-2.3 HTTP/2", with_line("HTTP/2 200 OK"), false},
        {"9112-2.3 HTTP/1.2", with_line("HTTP/1.2 200 OK"), false},
        {"9112-2.3 lower case", with_line("http/1.1 200 OK"), false},
        {"9112-4 two spaces", with_line("HTTP/1.1  200 OK"), false},
        {"9112-4 tab", with_line("HTTP/1.1\t200 OK"), false},
        {"9112-2.2 empty line before", "\r\n" + with_line("HTTP/1.1 200 OK"), true},
        {"9112-2.2 two empty lines before", "\r\n\r\n" + with_line("HTTP/1.1 200 OK"), false},
        {"9112-2.2 bare LF before", "\n" + with_line("HTTP/1.1 200 OK"), false},
        {"9112-2.2 bare CR before", "\r" + with_line("HTTP/1.1 200 OK"), false},
        {"9112-2.2 bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", false},
        {"9112-2.2 bare CR", "HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n", false},
        {"9112-4 NUL in the reason", with_line("HTTP/1.1 200 O\0K"s), false},
        {"9112-4 another protocol", with_line("ICY 200 OK"), false},
        {"9112-4 a body without a head", "<html></html>\r\n\r\n", false},
        {"9112-4 SSH", "SSH-2.0-OpenSSH_9.2\r\n\r\n", false},
    });
}

TEST(ResponseParser, JudgesFieldsAndFraming) {
    expect_verdicts({
        {"9112-6.3 length", ok("Content-Length: 5\r\n"), true},
        {"9112-6.3 chunked", ok("Transfer-Encoding: Chunked\r\n"), true},
        {"9112-6.3 until close", ok(""), true},
        {"9112-5.2 obs-fold", ok("A: b\r\n c\r\n"), false},
        {"9112-5.1 space before the colon", ok("Content-Length : 5\r\n"), false},
        {"9112-5 no name", ok(": b\r\n"), false},
        {"9112-5 no colon", ok("abc\r\n"), false},
        {"9110-5.5 NUL", ok("A: \0\r\n"s), false},
        {"9112-2.2 bare LF (splitting)", ok("Location: /a\nSet-Cookie: b=c\r\n"), false},
        {"9112-2.2 bare CR (splitting)", ok("Location: /a\rSet-Cookie: b=c\r\n"), false},
        {"9112-6.3 length twice, equal", ok("Content-Length: 5\r\nContent-Length: 5\r\n"), false},
        {"9112-6.3 length twice", ok("Content-Length: 5\r\nContent-Length: 6\r\n"), false},
        {"9110-8.6 list", ok("Content-Length: 5, 5\r\n"), false},
        {"9110-8.6 sign", ok("Content-Length: +5\r\n"), false},
        {"9110-8.6 empty", ok("Content-Length:\r\n"), false},
        {"9110-8.6 overflow", ok("Content-Length: 99999999999999999999\r\n"), false},
        {"9112-6.3 both", ok("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), true},
        {"9112-6.3 both, the other way", ok("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
         true},
        {"9112-6.3 both, a wrong length", ok("Content-Length: x\r\nTransfer-Encoding: chunked\r\n"),
         false},
        {"9112-6.3 both, two lengths",
         ok("Content-Length: 5\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"), false},
        {"9112-6.3 both, unknown coding", ok("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n"),
         false},
        {"9112-6.1 both in HTTP/1.0",
         "HTTP/1.0 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", false},
        {"9112-6.1 gzip, chunked", ok("Transfer-Encoding: gzip, chunked\r\n"), false},
        {"9112-6.1 gzip", ok("Transfer-Encoding: gzip\r\n"), false},
        {"9112-6.1 identity", ok("Transfer-Encoding: identity\r\n"), false},
        {"9112-6.1 chunked twice", ok("Transfer-Encoding: chunked, chunked\r\n"), false},
        {"9112-6.1 empty", ok("Transfer-Encoding:\r\n"), false},
        {"9112-6.1 HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false},
        {"9112-6.1 204 with coding", "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n", true},
        {"9110-8.6 204 with length", "HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n", true},
        {"9110-8.6 204 with two lengths",
         "HTTP/1.1 204 x\r\nContent-Length: 5\r\nContent-Length: x\r\n\r\n", true},
        {"9112-6.1 304 with coding", "HTTP/1.1 304 x\r\nTransfer-Encoding: x\r\n\r\n", true},
        {"9110-8.6 204 with length 0", "HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n", true},
        {"9110-8.6 100 with length", "HTTP/1.1 100 x\r\nContent-Length: 5\r\n\r\n", true},
        {"9110-15.2 103", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", true},
        {"9110-15.4.5 304 with length", "HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", true},
        {"9110-7.6.1 33 options", ok("Connection: " + std::string(32, ',') + "\r\n"), false},
    });
}

struct Parsed {
    ResponseHead head;
    ParseStatus status = ParseStatus::need_more;
};

Parsed parsed(std::string_view text, bool to_head_request = false) {
    Parsed result;
    std::size_t resume_at = 0;
    result.status = parse_response_head(text, {}, to_head_request, resume_at, result.head);
    EXPECT_EQ(result.status, ParseStatus::complete) << text;
    return result;
}

TEST(ResponseParser, FindsTheEndOfTheBody) {
    struct Row {
        const char* text;
        bool to_head;
        BodyFraming framing;
        bool has_length;
        std::uint64_t length;
        bool keep_alive;
    };
    constexpr auto kNone = BodyFraming::none;
    for (const Row& row : std::vector<Row>{
             {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, BodyFraming::content_length,
              true, 5, true},
             {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, BodyFraming::content_length,
              true, 0, true},
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, BodyFraming::chunked,
              false, 0, true},
             {"HTTP/1.1 200 OK\r\n\r\n", false, BodyFraming::until_close, false, 0, false},
             {"HTTP/1.0 200 OK\r\n\r\n", false, BodyFraming::until_close, false, 0, false},
             {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", false, BodyFraming::until_close,
              false, 0, false},
             {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, BodyFraming::content_length,
              true, 5, false},
             {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\n", false,
              BodyFraming::content_length, true, 5, true},
             {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", false,
              BodyFraming::content_length, true, 5, false},
             {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, kNone, true, 5, true},
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, kNone, false, 0, true},
             {"HTTP/1.1 200 OK\r\n\r\n", true, kNone, false, 0, true},
             {"HTTP/1.1 204 No Content\r\n\r\n", false, kNone, false, 0, true},
             {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, kNone, true, 5,
              true},
             {"HTTP/1.1 100 Continue\r\n\r\n", false, kNone, false, 0, true},
         }) {
        SCOPED_TRACE(row.text);
        const Parsed result = parsed(row.text, row.to_head);
        EXPECT_EQ(result.head.framing, row.framing);
        EXPECT_EQ(result.head.has_content_length, row.has_length);
        EXPECT_EQ(result.head.content_length, row.length);
        EXPECT_EQ(result.head.keep_alive, row.keep_alive);
        EXPECT_EQ(result.head.head_bytes, std::string_view{row.text}.size());
    }
}

TEST(ResponseParser, NotesWhereTheSenderMayBelieveInAnotherEnd) {
    struct Row {
        const char* text;
        bool is_odd;
        BodyFraming framing;
        bool has_length;
    };
    constexpr auto kNone = BodyFraming::none;
    for (const Row& row : std::vector<Row>{
             {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, BodyFraming::content_length,
              true},
             {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, BodyFraming::chunked,
              false},
             {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", true,
              BodyFraming::chunked, false},
             {"\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, BodyFraming::content_length,
              true},
             {"HTTP/1.1 204 x\r\n\r\n", false, kNone, false},
             {"HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n", false, kNone, false},
             {"HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n", true, kNone, false},
             {"HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n", true, kNone, false},
             {"HTTP/1.1 304 x\r\nContent-Length: 5\r\n\r\n", false, kNone, true},
             {"HTTP/1.1 304 x\r\nContent-Length: x\r\n\r\n", true, kNone, false},
             {"HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n", true, kNone, false},
             {"HTTP/1.1 103 x\r\nContent-Length: 5\r\n\r\n", true, kNone, false},
             {"HTTP/1.1 103 x\r\nLink: </a>\r\n\r\n", false, kNone, false},
         }) {
        SCOPED_TRACE(row.text);
        const Parsed result = parsed(row.text);
        EXPECT_EQ(result.head.has_odd_framing, row.is_odd);
        EXPECT_EQ(result.head.framing, row.framing);
        EXPECT_EQ(result.head.has_content_length, row.has_length);
        EXPECT_EQ(result.head.head_bytes, std::string_view{row.text}.size());
    }
    ResponseHead head;
    head.has_odd_framing = true;
    head.clear();
    EXPECT_FALSE(head.has_odd_framing);
}

TEST(ResponseParser, YieldsStatusPhraseAndFields) {
    const std::string text = "HTTP/1.1 404 Not Found\r\nServer: x \r\nContent-Length: 2\r\n\r\n{}";
    const Parsed result = parsed(text);
    EXPECT_EQ(result.head.status, 404U);
    EXPECT_EQ(result.head.reason_phrase, "Not Found");
    ASSERT_EQ(result.head.fields.size(), 2U);
    EXPECT_EQ(result.head.fields[0].value, "x");
    EXPECT_EQ(text.substr(result.head.head_bytes), "{}");
}

TEST(ResponseParser, RefusesWhatExceedsALimit) {
    const HeadLimits limits{20, 60, 2};
    const auto status = [&limits](const std::string& text) {
        const ResponseVerdict whole = feed_response(text, {}, false, limits);
        EXPECT_EQ(feed_response(text, every_byte(text), false, limits), whole);
        return whole.status;
    };
    EXPECT_EQ(status("HTTP/1.1 200 1234567\r\nA: b\r\n\r\n"), ParseStatus::complete);
    EXPECT_EQ(status("HTTP/1.1 200 12345678\r\nA: b\r\n\r\n"), ParseStatus::refused);
    EXPECT_EQ(status("HTTP/1.1 200 OK\r\nA: b\r\nA: b\r\n\r\n"), ParseStatus::complete);
    EXPECT_EQ(status("HTTP/1.1 200 OK\r\nA: b\r\nA: b\r\nA: b\r\n\r\n"), ParseStatus::refused);
    EXPECT_EQ(status("HTTP/1.1 200 OK\r\nA: " + std::string(100, 'b')), ParseStatus::refused);
}

}  // namespace
}  // namespace kwikgate::gateway::http
