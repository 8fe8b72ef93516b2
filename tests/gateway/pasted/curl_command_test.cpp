#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "gateway/pasted/pasted_request.hpp"

namespace kwikgate::gateway {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The head without what curl adds by itself, and the body.
std::string read(std::string_view command) {
    const PastedRequest request = read_pasted(command);
    EXPECT_EQ(request.error, "");
    EXPECT_EQ(request.format, PastedFormat::curl_command) << command;
    std::string raw = request.raw;
    for (const std::string_view added : {"User-Agent: curl\r\n", "Accept: */*\r\n"})
        if (const std::size_t at = raw.find(added); at != std::string::npos)
            raw.erase(at, added.size());
    return raw;
}

std::string error_of(std::string_view command) {
    return read_pasted(command).error;
}

TEST(CurlCommand, BecomesTheRequestThatCurlSends) {
    EXPECT_EQ(read("curl https://a.test/x?y=1#part"),
              "GET /x?y=1 HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(read("curl a.test"), "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(read("$ curl -I a.test"), "HEAD / HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(read("curl -X DELETE --url a.test:81/x -sSv -o file"),
              "DELETE /x HTTP/1.1\r\nHost: a.test:81\r\n\r\n");
    EXPECT_EQ(read("curl -XPUT -H'A: 1' -H 'B;' -H 'Host: b.test' -H Accept: a.test"),
              "PUT / HTTP/1.1\r\nA: 1\r\nB: \r\nHost: b.test\r\n\r\n");
    EXPECT_EQ(
        read("curl a.test -A me -e there -b a=1 -r 0-9 --compressed"),
        "GET / HTTP/1.1\r\nHost: a.test\r\nUser-Agent: me\r\nReferer: there\r\nCookie: a=1\r\n"
        "Range: bytes=0-9\r\nAccept-Encoding: deflate, gzip, br, zstd\r\n\r\n");
}

TEST(CurlCommand, SendsDataAsCurlDoes) {
    const std::string head = "POST /x HTTP/1.1\r\nHost: a.test\r\n";
    const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
    EXPECT_EQ(read("curl a.test/x -d a=1 --data-raw @b --data-binary 'c\nd'"),
              head + form + "Content-Length: 10\r\n\r\na=1&@b&c\nd");
    EXPECT_EQ(read("curl a.test/x -d ''"), head + form + "Content-Length: 0\r\n\r\n");
    EXPECT_EQ(read("curl a.test/x --json '{\"a\"' --json ':1}'"),
              head +
                  "Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: "
                  "7\r\n\r\n{\"a\":1}");
    EXPECT_EQ(read("curl a.test/x --data-urlencode 'a=b c&' --data-urlencode '=d/'"),
              head + form + "Content-Length: 15\r\n\r\na=b%20c%26&d%2F");
    EXPECT_EQ(read("curl -G a.test/x?a=1 -d b=2 --data-urlencode 'c=é'"),
              "GET /x?a=1&b=2&c=%C3%A9 HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(read("curl a.test/x --url-query 'a=b c'"),
              "GET /x?a=b%20c HTTP/1.1\r\nHost: a.test\r\n\r\n");
}

TEST(CurlCommand, AnnouncesABodyThatItDoesNotKnow) {
    for (const char* command :
         {"curl a.test/x -d @file", "curl a.test/x --json @-", "curl a.test/x -F a=1",
          "curl a.test/x -T file -X POST", "curl a.test/x --data-urlencode a@file"}) {
        const PastedRequest request = read_pasted(command);
        EXPECT_THAT(request.raw, testing::StartsWith("POST /x HTTP/1.1\r\n")) << command;
        EXPECT_THAT(request.raw, testing::EndsWith("Content-Length: 1\r\n\r\n")) << command;
        ASSERT_EQ(request.notes.size(), 1U) << command;
        EXPECT_THAT(request.notes[0], HasSubstr("it is not judged"));
    }
}

TEST(CurlCommand, SendsCredentialsAsBasicAndNamesThemNowhere) {
    const std::string basic =
        "GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Basic a2V5OnM6OmNyZXQ=\r\n\r\n";
    EXPECT_EQ(read("curl -u 'key:s::cret' a.test"), basic);
    EXPECT_EQ(read("curl -ukey:s::cret a.test"), basic);
    EXPECT_EQ(read("curl http://key:s%3A%3Acret@a.test"), basic);
    EXPECT_EQ(read("curl -u x:y -H 'Authorization: Bearer z' a.test"),
              "GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer z\r\n\r\n");
    EXPECT_EQ(read("curl --oauth2-bearer z a.test"),
              "GET / HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer z\r\n\r\n");
    EXPECT_THAT(read_pasted("curl -u key a.test").notes[0], HasSubstr("no password"));
}

TEST(CurlCommand, ReadsWhatAShellTakes) {
    const std::string wanted = "GET /it's HTTP/1.1\r\nHost: a.test\r\nX: a \"b\" \\ c\r\n\r\n";
    EXPECT_EQ(read("curl \\\n  'a.test/it'\\''s' \\\r\n  -H \"X: a \\\"b\\\" \\\\ c\""), wanted);
    EXPECT_EQ(read("curl a.test/it\\'s -H $'X: a \\x22b\\\" \\\\ c'"), wanted);
    EXPECT_EQ(read("KEY=1 sudo /usr/bin/curl $'a.test/it\\u0027s' -H 'X: a \"b\" \\ c' # why"),
              wanted);
    EXPECT_EQ(read("echo x | curl a.test/it\\'s -H 'X: a \"b\" \\ c' 2>&1 >/dev/null | jq ."),
              wanted);
    EXPECT_EQ(read("cd /tmp; curl a.test/it\\'s > out -H 'X: a \"b\" \\ c'\ncurl other.test"),
              wanted);
    EXPECT_EQ(read("curl 'a.test/\xc3\xa9'"), read("curl $'a.test/\\u00e9'"));
}

TEST(CurlCommand, TakesDotSegmentsOutUnlessToldNotTo) {
    EXPECT_EQ(read("curl a.test/a/./b/../c/"), "GET /a/c/ HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(read("curl --path-as-is a.test/a/../c"),
              "GET /a/../c HTTP/1.1\r\nHost: a.test\r\n\r\n");
    EXPECT_EQ(read("curl a.test/a/.."), "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
}

TEST(CurlCommand, SaysWhatItDoesNotUnderstand) {
    EXPECT_THAT(error_of("curl --frobnicate a.test"), HasSubstr("--frobnicate is not known"));
    EXPECT_THAT(error_of("curl -W a.test"), HasSubstr("-W is not known"));
    EXPECT_THAT(error_of("curl a.test -H"), HasSubstr("-H lacks its value"));
    EXPECT_THAT(error_of("curl -s"), HasSubstr("no URL"));
    EXPECT_THAT(error_of("curl 'a.test"), HasSubstr("quote"));
    EXPECT_THAT(error_of("curl ftp://a.test"), HasSubstr("not http"));
    EXPECT_THAT(error_of("curl ^\"https://a.test^\" ^\n -H ^\"A: 1^\""), HasSubstr("Windows"));
    for (const char* command : {"curl -u \"$KEY:$SECRET\" a.test", "curl a.test/$ID",
                                "curl a.test -H \"A: $(cat x)\"", "curl a.test -d `date`"})
        EXPECT_THAT(error_of(command), HasSubstr("of the shell")) << command;
    EXPECT_EQ(error_of("curl a.test -H 'A: $5' -o \"$FILE\""), "");
    EXPECT_THAT(error_of("curl " + std::string(5'000'000, 'a')), HasSubstr("4 MiB"));
    std::string many = "curl";
    for (int i = 0; i < 5000; ++i) many += " a";
    EXPECT_THAT(error_of(many), HasSubstr("4096"));
}

TEST(CurlCommand, NotesWhatItLeavesOut) {
    const auto note = [](std::string_view command) {
        const PastedRequest request = read_pasted(command);
        EXPECT_EQ(request.error, "");
        return request.notes.empty() ? std::string() : request.notes[0];
    };
    EXPECT_THAT(note("curl a.test b.test"), HasSubstr("more than one URL"));
    EXPECT_THAT(note("curl a.test --next b.test"), HasSubstr("--next"));
    EXPECT_THAT(note("curl 'a.test/{b,c}'"), HasSubstr("--globoff"));
    EXPECT_EQ(note("curl -g 'a.test/{b,c}'"), "");
    EXPECT_THAT(note("curl a.test -K file"), HasSubstr("--config"));
    EXPECT_THAT(note("curl a.test -H @file"), HasSubstr("--header"));
    EXPECT_THAT(note("curl a.test -b file"), HasSubstr("--cookie"));
    EXPECT_THAT(note("curl a.test --digest -u a:b"), HasSubstr("another way"));
    EXPECT_THAT(note("curl a.test -n"), HasSubstr(".netrc"));
}

TEST(CurlCommand, RepeatsNoValueInErrorsAndNotes) {
    const std::string secret = "kwk_live_sk_secret";
    for (const std::string& command :
         {"curl -u key:" + secret + " --nonsense a.test", "curl -u key:" + secret + "' a.test",
          "curl --nonsense=" + secret + " a.test", "curl -u key:" + secret,
          "curl a.test " + secret + " " + secret, "curl -u " + secret + " a.test",
          "curl -d @" + secret + " a.test", "curl -W" + secret + " a.test",
          "curl --" + secret + " a.test", "curl -u $A:" + secret + " a.test"}) {
        const PastedRequest request = read_pasted(command);
        EXPECT_THAT(request.error, Not(HasSubstr(secret))) << command;
        for (const std::string& text : request.notes)
            EXPECT_THAT(text, Not(HasSubstr(secret))) << command;
    }
}

}  // namespace
}  // namespace kwikgate::gateway
