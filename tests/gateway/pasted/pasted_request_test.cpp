#include "gateway/pasted/pasted_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kwikgate::gateway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(PastedRequest, LeavesARawRequestAsItIs) {
    for (const std::string_view text :
         {"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n", "GET /x HTTP/1.1\nHost: a.test\n",
          "POST /x HTTP/1.1\nHost: a.test\nContent-Length: 8\n\n### curl", "nonsense", "", "\r\n",
          "GET http://a.test/x HTTP/1.1\r\nHost: a.test\r\n\r\n", "GET /curl HTTP/1.1\n",
          "get /x HTTP/1.1\nX: curl a.test\n", "<script>alert(1)</script>", "\x16\x03\x01 curl"}) {
        const PastedRequest request = read_pasted(text);
        EXPECT_EQ(request.format, PastedFormat::raw) << text;
        EXPECT_EQ(request.error, "") << text;
        EXPECT_EQ(request.raw, text);
        EXPECT_THAT(request.notes, ElementsAre()) << text;
    }
}

TEST(PastedRequest, SaysThatUnframedBytesAreNoBody) {
    const PastedRequest request = read_pasted("POST /x HTTP/1.1\r\nHost: a.test\r\n\r\n{}");
    EXPECT_EQ(request.format, PastedFormat::raw);
    ASSERT_EQ(request.notes.size(), 1U);
    EXPECT_THAT(request.notes[0], HasSubstr("neither Content-Length"));
}

TEST(PastedRequest, RefusesWhatItKnowsAndDoesNotRead) {
    for (const std::string_view text :
         {"fetch('https://a.test')", "await fetch(x)", "Invoke-WebRequest -Uri a", "wget a.test",
          "http -a key:secret a.test", "{\"log\": {}}", "[]"})
        EXPECT_THAT(read_pasted(text).error, HasSubstr("not understood")) << text;
}

TEST(PastedRequest, ReadsTheOutputOfCurl) {
    constexpr std::string_view kOutput =
        "*   Trying 127.0.0.1:8080...\n* Connected to a.test (127.0.0.1) port 8080 (#0)\n"
        "> POST /x?a=1 HTTP/1.1\r\n> Host: a.test\r\n> Content-Length: 2\r\n> X: > y\r\n> \r\n"
        "} [2 bytes data]\n< HTTP/1.1 401 Unauthorized\r\n< Content-Length: 0\r\n< \n"
        "* Connection #0 to host a.test left intact\n";
    const PastedRequest request = read_pasted(kOutput);
    EXPECT_EQ(request.format, PastedFormat::curl_output);
    EXPECT_EQ(request.raw,
              "POST /x?a=1 HTTP/1.1\r\nHost: a.test\r\nContent-Length: 2\r\nX: > y\r\n\r\n");
    EXPECT_EQ(request.scheme, "http");
    EXPECT_THAT(request.notes, ElementsAre(HasSubstr("does not show the body")));
    const std::string with_command = "$ curl -v -d '{}' a.test/x?a=1\n" + std::string(kOutput);
    EXPECT_EQ(read_pasted(with_command).raw, request.raw + "{}");
    EXPECT_THAT(read_pasted(with_command).notes, ElementsAre());
    const std::string other_body = "$ curl -v -d '{...}' a.test/x?a=1\n" + std::string(kOutput);
    EXPECT_EQ(read_pasted(other_body).raw, request.raw);
}

TEST(PastedRequest, ReadsTheFirstOfTheRequestsOfCurl) {
    const PastedRequest request = read_pasted(
        "* SSL connection using TLSv1.3 / X\n> GET /a HTTP/2\n> Host: a.test\n> \n"
        "< HTTP/2 302\n> GET /b HTTP/2\n> Host: a.test\n> \n");
    EXPECT_EQ(request.raw, "GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(request.scheme, "https");
    EXPECT_THAT(request.notes,
                ElementsAre(HasSubstr("more than one"), HasSubstr("another version")));
}

TEST(PastedRequest, ReadsTheFirstRequestOfAFile) {
    const PastedRequest request = read_pasted(
        "@host = a.test\n\n### Pay\n# @name pay\n// a comment\nPOST https://a.test/x\n    ?a=1\n"
        "    &b=2 HTTP/1.1\nContent-Type: application/json\n# another\nAuthorization: Basic key "
        "secret\n\n{\n  \"a\": 1\n}\n\n> {% client.log(1) %}\n\n###\nGET https://b.test/\n");
    EXPECT_EQ(request.error, "");
    EXPECT_EQ(request.format, PastedFormat::http_file);
    EXPECT_EQ(request.scheme, "https");
    EXPECT_EQ(
        request.raw,
        "POST /x?a=1&b=2 HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/json\r\n"
        "Authorization: Basic a2V5OnNlY3JldA==\r\nContent-Length: 12\r\n\r\n{\n  \"a\": 1\n}");
    EXPECT_THAT(request.notes, ElementsAre(HasSubstr("line ends"), HasSubstr("2 requests")));
}

TEST(PastedRequest, ReadsTheFormsThatARequestOfAFileTakes) {
    struct Row {
        std::string_view text;
        std::string_view raw;
    };
    for (const Row& row : {
             Row{"https://a.test/x", "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"},
             Row{"GET /x\nHost: a.test\n", "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"},
             Row{"GET http://a.test", "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"},
             Row{"GET http://a.test/x HTTP/1.1\n", "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"},
             Row{"GET /x HTTP/1.1\nHost: a.test\n\n###\nGET /y HTTP/1.1\n",
                 "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"},
             Row{"# a\nGET http://a.test?a=1\nAuthorization: Basic k:s",
                 "GET /?a=1 HTTP/1.1\r\nHost: a.test\r\nAuthorization: Basic azpz\r\n\r\n"},
             Row{"# a\nGET http://a.test\nAuthorization: Basic azpz",
                 "GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Basic azpz\r\n\r\n"},
             Row{"###\ncurl -X PUT \\\n  http://a.test/x -H 'User-Agent:' -H 'Accept:'\n\n###\n",
                 "PUT /x HTTP/1.1\r\nHost: a.test\r\n\r\n"},
         }) {
        const PastedRequest request = read_pasted(row.text);
        EXPECT_EQ(request.error, "") << row.text;
        EXPECT_EQ(request.format, PastedFormat::http_file) << row.text;
        EXPECT_EQ(request.raw, row.raw) << row.text;
    }
}

TEST(PastedRequest, SaysWhatOfAFileItDoesNotRead) {
    for (const std::string_view text :
         {"GET {{base}}/x", "GET https://a.test/{{id}}", "# a\nGET https://a.test\nX: {{x}}",
          "# a\nPOST https://a.test\n\n{{body}}"})
        EXPECT_THAT(read_pasted(text).error, HasSubstr("variables")) << text;
    EXPECT_THAT(read_pasted("### only\n@a = b\n").error, HasSubstr("no request"));
    EXPECT_THAT(read_pasted("# a\nGET ws://a.test").error, HasSubstr("not http"));
    const PastedRequest file = read_pasted("# a\nPOST https://a.test/x\n\n< ./body.json\n");
    EXPECT_THAT(file.raw, testing::EndsWith("Content-Length: 1\r\n\r\n"));
    EXPECT_THAT(file.notes, ElementsAre(HasSubstr("in a file"), testing::_));
}

TEST(PastedRequest, ReadsTheLastEntryOfACapture) {
    CaptureEntry entry;
    entry.request_id = "one";
    entry.peer = "127.0.0.1";
    const std::string first = capture_line(entry);
    entry.request_id = "two";
    entry.head = "GET / HTTP/1.1\r\n\r\n";
    const std::string second = capture_line(entry);
    PastedRequest request = read_pasted(second);
    EXPECT_EQ(request.format, PastedFormat::capture);
    ASSERT_TRUE(request.capture);
    EXPECT_EQ(request.capture->head, entry.head);
    EXPECT_THAT(request.notes, ElementsAre());
    request = read_pasted(first + second);
    ASSERT_TRUE(request.capture);
    EXPECT_EQ(request.capture->request_id, "two");
    EXPECT_THAT(request.notes, ElementsAre(HasSubstr("several lines")));
}

}  // namespace
}  // namespace kwikgate::gateway
