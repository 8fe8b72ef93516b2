#include "gateway/http/request_parser.hpp"
#include "tests/gateway/http/request_heads.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::Reason;
using namespace std::string_literals;

std::string line(std::string_view request_line) {
    return std::string{request_line}.append("\r\nHost: a.example\r\n\r\n");
}

TEST(RequestRules, JudgesRequestLines) {
    expect_verdicts({
        {"9112-3 plain", line("GET / HTTP/1.1"), Reason::none},
        {"9112-2.2 one empty line before", "\r\n" + line("GET / HTTP/1.1"), Reason::none},
        {"9112-2.2 two empty lines before", "\r\n\r\n" + line("GET / HTTP/1.1"), Reason::none},
        {"9112-2.2 four empty lines before", "\r\n\r\n\r\n\r\n" + line("GET / HTTP/1.1"),
         Reason::none},
        {"9112-2.2 five empty lines before", "\r\n\r\n\r\n\r\n\r\n" + line("GET / HTTP/1.1"),
         Reason::bad_request_line},
        {"9112-2.2 an empty line and a bare LF before", "\r\n\n" + line("GET / HTTP/1.1"),
         Reason::bad_request_line},
        {"9112-2.2 two empty lines and a bad line", "\r\n\r\n" + line("GET /a b HTTP/1.1"),
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

TEST(RequestRules, JudgesVersions) {
    expect_verdicts({
        {"9112-2.3 HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", Reason::none},
        {"9110-2.5 HTTP/1.2", line("GET / HTTP/1.2"), Reason::none},
        {"9110-2.5 HTTP/1.9", line("GET / HTTP/1.9"), Reason::none},
        {"9112-3.2 HTTP/1.2 needs a Host", "GET / HTTP/1.2\r\n\r\n", Reason::bad_host},
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

TEST(RequestRules, JudgesTargetForms) {
    expect_verdicts({
        {"9112-3.2.1 origin-form", line("GET /a/b?c=d HTTP/1.1"), Reason::none},
        {"9112-3.2.2 absolute-form", line("GET http://a.example/a HTTP/1.1"), Reason::none},
        {"9112-3.2.2 without path", line("GET http://a.example HTTP/1.1"), Reason::none},
        {"9112-3.2.4 OPTIONS of a whole server", line("OPTIONS http://a.example HTTP/1.1"),
         Reason::none},
        {"9112-3.2.4 asterisk-form", line("OPTIONS * HTTP/1.1"), Reason::none},
        {"9112-3.2.4 asterisk-form of another method", line("GET * HTTP/1.1"),
         Reason::bad_request_line},
        {"9112-3.2.4 asterisk-form with a query", line("OPTIONS *?a HTTP/1.1"),
         Reason::bad_request_line},
        {"9112-3.2.3 CONNECT", line("CONNECT a.example:443 HTTP/1.1"), Reason::method_unsupported},
        {"9112-3.2.3 CONNECT of a path", line("CONNECT /a HTTP/1.1"), Reason::method_unsupported},
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

TEST(RequestRules, JudgesMaxForwardsOfOptions) {
    const auto options = [](const std::string& fields) {
        return "OPTIONS /a HTTP/1.1\r\nHost: a.example\r\n" + fields + "\r\n";
    };
    expect_verdicts({
        {"9110-7.6.2 zero", options("Max-Forwards: 0\r\n"), Reason::none},
        {"9110-7.6.2 digits", options("max-forwards: 00012\r\n"), Reason::none},
        {"9110-7.6.2 empty", options("Max-Forwards:\r\n"), Reason::bad_header},
        {"9110-7.6.2 negative", options("Max-Forwards: -1\r\n"), Reason::bad_header},
        {"9110-7.6.2 a list", options("Max-Forwards: 1, 2\r\n"), Reason::bad_header},
        {"9110-7.6.2 twice", options("Max-Forwards: 1\r\nMax-Forwards: 1\r\n"), Reason::bad_header},
        {"9110-7.6.2 of another method", get("Max-Forwards: x\r\n"), Reason::none},
    });
}

TEST(RequestRules, JudgesFieldLines) {
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

TEST(RequestRules, JudgesHost) {
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
        {"3986-3.2.3 port empty", with("Host: a:\r\n"), Reason::none},
        {"3986-3.2.2 IPv6, port empty", with("Host: [::1]:\r\n"), Reason::none},
        {"9110-7.2 no host but a port", with("Host: :80\r\n"), Reason::bad_host},
        {"1034-3.1 a dot at the end", with("Host: a.example.\r\n"), Reason::none},
        {"3986-3.2.2 sub-delims", with("Host: a!$&'()*+;=~\r\n"), Reason::none},
        {"9110-5.3 a comma may have joined two", with("Host: a,b\r\n"), Reason::bad_host},
        {"3986-3.2.2 IPv6 of nine groups", with("Host: [1:2:3:4:5:6:7:8:9]\r\n"), Reason::bad_host},
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
        {"9110-4.2.3 the default port", with("Host: a\r\n", "http://a:80/c"), Reason::none},
        {"9110-4.2.3 the default port in Host", with("Host: a:443\r\n", "HTTPS://a/c"),
         Reason::none},
        {"9110-4.2.3 a dot at the end", with("Host: a\r\n", "http://a./c"), Reason::none},
        {"9110-4.2.3 an empty port", with("Host: a\r\n", "http://a:/c"), Reason::none},
        {"9112-3.2.2 differs in its port", with("Host: a\r\n", "http://a:81/c"), Reason::bad_host},
        {"9112-3.2.2 the default port of another scheme", with("Host: a\r\n", "http://a:443/c"),
         Reason::bad_host},
        {"9112-3.2.2 missing beside an absolute target", with("", "http://a/c"), Reason::bad_host},
        {"9112-3.2 HTTP/1.0 without", "GET / HTTP/1.0\r\n\r\n", Reason::none},
        {"9112-3.2 HTTP/1.0 repeated", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
         Reason::bad_host},
        {"9112-3.2 HTTP/1.0 invalid", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", Reason::bad_host},
    });
}

}  // namespace
}  // namespace kwikgate::gateway::http
