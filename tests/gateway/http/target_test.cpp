#include "gateway/http/target.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kwikgate::gateway::http {
namespace {

using auth::Reason;
using namespace std::string_view_literals;

struct Case {
    const char* clause;
    std::string_view target;
    Reason reason;
};

void expect_verdicts(std::initializer_list<Case> cases) {
    for (const Case& item : cases)
        EXPECT_EQ(auth::row(split_target(item.target).reason).token, auth::row(item.reason).token)
            << item.clause << ": " << item.target;
}

constexpr Reason kAccepted = Reason::none;
constexpr Reason kAmbiguous = Reason::target_ambiguous;
constexpr Reason kBadLine = Reason::bad_request_line;

TEST(Target, JudgesDotSegments) {
    expect_verdicts({
        {"3986-5.2.4 .", "/.", kAmbiguous},
        {"3986-5.2.4 ..", "/..", kAmbiguous},
        {"3986-5.2.4 ./", "/./a", kAmbiguous},
        {"3986-5.2.4 ../", "/a/../b", kAmbiguous},
        {"3986-5.2.4 at the end", "/a/..", kAmbiguous},
        {"3986-5.2.4 before a query", "/a/..?b", kAmbiguous},
        {"3986-6.2.2.2 encoded", "/%2e%2E/a", kAmbiguous},
        {"3986-6.2.2.2 half encoded", "/.%2e/a", kAmbiguous},
        {"3986-6.2.2.2 one encoded", "/a/%2e", kAmbiguous},
        {"beside an encoded slash", "/a%2f..%2Fb", kAmbiguous},
        {"before an encoded slash", "/..%2Fb", kAmbiguous},
        {"behind an encoded slash", "/a%2F..", kAmbiguous},
        {"before a path parameter", "/a/..;b/c", kAmbiguous},
        {"before an encoded semicolon", "/a/..%3bb/c", kAmbiguous},
        {"three dots are a name", "/a/.../b", kAccepted},
        {"four dots are a name", "/a/..../b", kAccepted},
        {"a name that begins with a dot", "/.well-known/x", kAccepted},
        {"a name that begins with two", "/..a", kAccepted},
        {"a name that ends with dots", "/a..", kAccepted},
        {"a name behind a parameter", "/a;..b", kAccepted},
        {"only a parameter", "/;a", kAccepted},
        {"in a query", "/a?/../b", kAccepted},
    });
}

TEST(Target, JudgesSlashes) {
    expect_verdicts({
        {"root", "/", kAccepted},
        {"trailing slash", "/a/", kAccepted},
        {"empty segment", "/a//b", kAmbiguous},
        {"empty first segment", "//a", kAmbiguous},
        {"empty last segment", "/a//", kAmbiguous},
        {"nothing but slashes", "//", kAmbiguous},
        {"in a query", "/a?b//c", kAccepted},
        {"encoded slash is the route's", "/a%2Fb", kAccepted},
        {"encoded slash, lower case", "/a%2fb", kAccepted},
        {"backslash", "/a\\b", kAmbiguous},
        {"encoded backslash", "/a%5cb", kAmbiguous},
        {"encoded backslash, upper case", "/a%5Cb", kAmbiguous},
        {"url-4.4 backslash in a query is data", "/a?path=C:\\temp", kAccepted},
        {"encoded backslash in a query is data", "/a?b%5Cc", kAccepted},
    });
}

TEST(Target, JudgesEscapesAndBytes) {
    expect_verdicts({
        {"3986-2.1 upper and lower case", "/%C3%a9", kAccepted},
        {"3986-2.1 no digits", "/%", kAmbiguous},
        {"3986-2.1 one digit", "/%4", kAmbiguous},
        {"3986-2.1 not a digit", "/%4g", kAmbiguous},
        {"3986-2.1 not a digit first", "/%g4", kAmbiguous},
        {"3986-2.1 cut by the query", "/%2?f", kAmbiguous},
        {"3986-2.1 IIS form", "/%u002e", kAmbiguous},
        {"url-4.4 no escape in a query", "/a?%zz&discount=100%", kAccepted},
        {"url-4.4 half an escape in a query", "/a?b=%4", kAccepted},
        {"encoded NUL", "/a%00", kAmbiguous},
        {"encoded LF", "/a%0a", kAmbiguous},
        {"encoded CR LF", "/a%0D%0AX:", kAmbiguous},
        {"encoded DEL", "/a%7f", kAmbiguous},
        {"encoded space", "/a%20b", kAccepted},
        {"encoded percent", "/a%252e", kAccepted},
        {"encoded NUL in a query", "/a?b=%00", kAmbiguous},
        {"encoded LF in a query is data", "/a?b=c%0Ad", kAccepted},
        {"3986-3.3 every pchar", "/aZ09-._~!$&'()*+,;=:@", kAccepted},
        {"url-4.3 bracket", "/a[0]", kAccepted},
        {"3986-3.3 brace", "/{id}", kAmbiguous},
        {"3986-3.3 quote", "/a\"b", kAmbiguous},
        {"3986-3.3 less-than", "/<a>", kAmbiguous},
        {"url-4.3 bar", "/a|b", kAccepted},
        {"url-4.3 caret", "/a^b", kAccepted},
        {"3986-3.3 grave", "/a`b", kAmbiguous},
        {"brackets in a query", "/a?b[0]={\"c|d^`\"}<>", kAccepted},
        {"3986-3.5 fragment", "/a#b", kAmbiguous},
        {"3986-3.5 fragment behind a query", "/a?b#c", kAmbiguous},
        {"3986-3.4 a query may hold marks", "/a?b?c", kAccepted},
        {"non-ASCII", "/\xc3\xa9", kAmbiguous},
        {"UTF-8 in a query", "/a?\xc3\xa9", kAccepted},
        {"overlong UTF-8 in a query", "/a?\xc0\xa3", kAmbiguous},
        {"half of UTF-8 in a query", "/a?\xc3", kAmbiguous},
        {"a surrogate in a query", "/a?\xed\xa0\x80", kAmbiguous},
        {"control byte", "/a\x01", kBadLine},
        {"NUL", "/a\0b"sv, kBadLine},
        {"DEL in a query", "/a?\x7f", kBadLine},
        {"space", "/a b", kBadLine},
        {"LF", "/a\nb", kBadLine},
    });
}

TEST(Target, JudgesForms) {
    expect_verdicts({
        {"empty", "", kBadLine},
        {"9112-3.2.2 http", "http://a.example/b", kAccepted},
        {"9112-3.2.2 https with port", "https://a.example:8443/b?c", kAccepted},
        {"9110-4.2.3 scheme in any case", "HTTP://a/b", kAccepted},
        {"9110-4.2.3 no path", "http://a", kAccepted},
        {"9110-4.2.3 no path but a query", "http://a?b", kAccepted},
        {"9112-3.2.2 IPv6", "http://[::1]:80/", kAccepted},
        {"9110-4.2.1 no authority", "http:///a", kAmbiguous},
        {"9110-4.2.4 user information", "http://u:p@a/b", kAmbiguous},
        {"9110-4.2.1 bad port", "http://a:99999/b", kAmbiguous},
        {"9112-3.2.2 dot segments", "http://a/../b", kAmbiguous},
        {"9112-3.2.2 empty segment", "http://a//b", kAmbiguous},
        {"9112-3.2.2 fragment", "http://a#b", kAmbiguous},
        {"9112-3.2.2 backslash in the authority", "http://a\\b/c", kAmbiguous},
        {"9112-3.2.2 space in the authority", "http://a b/c", kBadLine},
        {"9112-3.2.2 other scheme", "ftp://a/b", kBadLine},
        {"9112-3.2.2 file", "file:///etc/passwd", kBadLine},
        {"9112-3.2.2 one slash", "http:/a", kBadLine},
        {"9112-3.2.3 authority-form", "a.example:443", kBadLine},
        {"9112-3.2.4 asterisk-form", "*", kBadLine},
        {"relative", "a/b", kBadLine},
        {"query only", "?a", kBadLine},
    });
}

TEST(Target, SplitsWithoutChangingBytes) {
    const TargetParts parts = split_target("/A%2Fb/c?d=%2F?e");
    EXPECT_EQ(parts.path, "/A%2Fb/c");
    EXPECT_EQ(parts.query, "d=%2F?e");
    EXPECT_TRUE(parts.has_query);
    EXPECT_EQ(parts.authority, "");
    EXPECT_FALSE(split_target("/a").has_query);
    EXPECT_TRUE(split_target("/a?").has_query);
    EXPECT_EQ(split_target("/a?").query, "");
}

TEST(Target, SplitsAbsoluteForm) {
    const TargetParts parts = split_target("https://A.example:1/b?c");
    EXPECT_EQ(parts.authority, "A.example:1");
    EXPECT_EQ(parts.path, "/b");
    EXPECT_EQ(parts.query, "c");
    EXPECT_EQ(split_target("http://a?b").path, "/");
    EXPECT_EQ(split_target("http://a?b").query, "b");
}

}  // namespace
}  // namespace kwikgate::gateway::http
