#include "auth/authority.hpp"

#include <gtest/gtest.h>

#include <string>

#include "auth/ip_rules.hpp"

namespace kwikgate::auth {
namespace {

TEST(Authority, TakesEveryHostAndPort) {
    const struct {
        std::string_view text, host, port;
        bool is_ipv6, has_colon;
    } cases[] = {
        {"a", "a", "", false, false},
        {"API.Example.com", "API.Example.com", "", false, false},
        {"a-b.c_d~e", "a-b.c_d~e", "", false, false},
        {"a.test:8443", "a.test", "8443", false, true},
        {"a.test:", "a.test", "", false, true},
        {"a.test:0", "a.test", "0", false, true},
        {"a.test:00080", "a.test", "00080", false, true},
        {"a.test:65535", "a.test", "65535", false, true},
        {"a.test.", "a.test.", "", false, false},
        {"a.test.:80", "a.test.", "80", false, true},
        {"!$&'()*+;=", "!$&'()*+;=", "", false, false},
        {"127.0.0.1", "127.0.0.1", "", false, false},
        {"10.0.0.300", "10.0.0.300", "", false, false},
        {"[::]", "::", "", true, false},
        {"[::ffff:1.2.3.4]:1", "::ffff:1.2.3.4", "1", true, true},
        {"[::1]:", "::1", "", true, true},
    };
    for (const auto& c : cases) {
        const auto found = parse_authority(c.text);
        ASSERT_TRUE(found) << c.text;
        EXPECT_EQ(found->host, c.host) << c.text;
        EXPECT_EQ(found->port, c.port) << c.text;
        EXPECT_EQ(found->is_ipv6, c.is_ipv6) << c.text;
        EXPECT_EQ(found->has_colon, c.has_colon) << c.text;
        EXPECT_EQ(found->address, c.is_ipv6 ? *parse_ip(c.host) : store::IpAddress{}) << c.text;
    }
    EXPECT_TRUE(parse_authority(std::string(255, 'a')));
}

TEST(Authority, TakesNothingElse) {
    for (const std::string_view text :
         {"",        ":",      ":80",          "a:b",  "a:80:80",   "a:065536", "a:65536",
          "a:-1",    "a:+1",   "a: 1",         "a b",  " a",        "a ",       "a,b",
          "a/b",     "u@a",    "a%2e",         "[",    "[]",        "[::",      "[::1]a",
          "[::1]:x", "[g::1]", "[v1.a]",       "::1",  "[1.2.3.4]", "a\tb",     "a\\b",
          "a?b",     "a#b",    "[fe80::1%lo]", "[::1", "a[::1]",    "http://a", "\xc3\xa9",
          "a\"b",    "a|b",    "[::1]]"})
        EXPECT_FALSE(parse_authority(text)) << text;
    EXPECT_FALSE(parse_authority(std::string(256, 'a')));
    EXPECT_FALSE(parse_authority(std::string_view("a\0b", 3)));
}

TEST(Authority, ComparesWhatIsMeantNotHowItIsWritten) {
    const struct {
        std::string_view a, b, scheme;
        bool is_same;
    } cases[] = {
        {"api.example.com", "API.example.COM", "https", true},
        {"api.example.com", "api.example.com:443", "https", true},
        {"api.example.com", "api.example.com:443", "http", false},
        {"api.example.com", "api.example.com:80", "http", true},
        {"api.example.com:80", "api.example.com:", "HTTP", true},
        {"api.example.com", "api.example.com:80", "https", false},
        {"api.example.com.", "api.example.com", "https", true},
        {"api.example.com.:443", "api.example.com", "https", true},
        {"api.example.com..", "api.example.com", "https", false},
        {"api.example.com:8443", "api.example.com:8443", "https", true},
        {"api.example.com:8443", "api.example.com:08443", "https", true},
        {"api.example.com:8443", "api.example.com", "https", false},
        {"api.example.com", "api.example.org", "https", false},
        {"[::1]", "[0:0::1]:80", "http", true},
        {"[::1]", "[::2]", "http", false},
        {"[2001:DB8::1]", "[2001:db8:0:0::1]", "http", true},
        {"[::ffff:127.0.0.1]", "127.0.0.1", "http", false},
    };
    for (const auto& c : cases) {
        const auto a = parse_authority(c.a);
        const auto b = parse_authority(c.b);
        ASSERT_TRUE(a && b) << c.a;
        EXPECT_EQ(is_same_authority(*a, *b, c.scheme), c.is_same) << c.a << " " << c.b;
        EXPECT_EQ(is_same_authority(*b, *a, c.scheme), c.is_same) << c.b << " " << c.a;
    }
}

TEST(Authority, LeavesThePortThatSaysNothingOut) {
    const struct {
        std::string_view text, scheme, normal;
    } cases[] = {
        {"A.test:443", "https", "A.test"},   {"a.test:443", "http", "a.test:443"},
        {"a.test:80", "HTTP", "a.test"},     {"a.test:", "https", "a.test"},
        {"a.test.:443", "https", "a.test."}, {"[::1]:443", "https", "[::1]"},
        {"[::1]", "https", "[::1]"},         {"[::1]:8443", "https", "[::1]:8443"},
        {"a.test", "https", "a.test"},       {"", "https", ""},
    };
    for (const auto& c : cases)
        EXPECT_EQ(without_default_port(c.text, c.scheme), c.normal) << c.text;
}

TEST(Authority, KnowsNamesThatAResolverMayLookUp) {
    for (const std::string_view good :
         {"a", "a.", "x.svc.cluster.local.", "my_service", "a-1.b", "127.0.0.1", "1a", "a.1b"})
        EXPECT_TRUE(is_resolvable_name(good)) << good;
    for (const std::string_view bad :
         {"", ".", "..", ".a", "a..", "a..b", "a;b", "10.0.0.300", "127.0.0.1.", "1.2.3", "a.1"})
        EXPECT_FALSE(is_resolvable_name(bad)) << bad;
    EXPECT_TRUE(is_resolvable_name(std::string(63, 'a')));
    EXPECT_FALSE(is_resolvable_name(std::string(64, 'a')));
    std::string longest;
    for (int i = 0; i < 127; ++i) longest += "a.";
    EXPECT_TRUE(is_resolvable_name(longest)) << "253 bytes and the dot";
    EXPECT_FALSE(is_resolvable_name("a" + longest));
}

}  // namespace
}  // namespace kwikgate::auth
