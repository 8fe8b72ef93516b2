#include "auth/address_text.hpp"

#include <gtest/gtest.h>

#include "auth/ip_rules.hpp"

namespace kwikgate::auth {
namespace {

TEST(AddressText, TakesAddressesAsTheyAreWritten) {
    const struct {
        std::string_view text, address, zone;
        int port;  // -1: none.
        std::string_view plain;
    } cases[] = {
        {"203.0.113.7", "203.0.113.7", "", -1, "203.0.113.7"},
        {"203.0.113.7:51008", "203.0.113.7", "", 51008, "203.0.113.7"},
        {"203.0.113.7:0", "203.0.113.7", "", 0, "203.0.113.7"},
        {"2001:db8::1", "2001:db8::1", "", -1, "2001:db8::1"},
        {"[2001:db8::1]", "2001:db8::1", "", -1, "2001:db8::1"},
        {"[2001:DB8::1]:443", "2001:db8::1", "", 443, "2001:DB8::1"},
        {"::ffff:203.0.113.7", "203.0.113.7", "", -1, "::ffff:203.0.113.7"},
        {"[::ffff:203.0.113.7]:1", "203.0.113.7", "", 1, "::ffff:203.0.113.7"},
        {"::ffff:cb00:7107", "203.0.113.7", "", -1, "::ffff:cb00:7107"},
        {"fe80::1%eth0", "fe80::1", "eth0", -1, "fe80::1%eth0"},
        {"[fe80::1%br-1.2_3]:80", "fe80::1", "br-1.2_3", 80, "fe80::1%br-1.2_3"},
        {"::", "::", "", -1, "::"},
    };
    for (const auto& c : cases) {
        const auto found = parse_address_text(c.text);
        ASSERT_TRUE(found) << c.text;
        EXPECT_EQ(to_text(found->address), c.address) << c.text;
        EXPECT_EQ(found->zone, c.zone) << c.text;
        EXPECT_EQ(found->has_port ? found->port : -1, c.port) << c.text;
        EXPECT_EQ(found->text, c.plain) << c.text;
        EXPECT_EQ(found->is_bracketed, c.text.front() == '[') << c.text;
    }
}

TEST(AddressText, TakesNothingElse) {
    for (const std::string_view text : {"",
                                        ":80",
                                        "localhost",
                                        "localhost:80",
                                        "*",
                                        "*:80",
                                        "203.0.113.7:",
                                        "203.0.113.7:x",
                                        "203.0.113.7:65536",
                                        "203.0.113.7:080808",
                                        "203.0.113.7:+1",
                                        "203.0.113.300",
                                        "203.0.113.7 ",
                                        " 203.0.113.7",
                                        "203.0.113.7/24",
                                        "[203.0.113.7]",
                                        "[203.0.113.7]:80",
                                        "[2001:db8::1",
                                        "2001:db8::1]",
                                        "[2001:db8::1]80",
                                        "[2001:db8::1]:",
                                        "[]",
                                        "[]:80",
                                        "[[::1]]",
                                        "fe80::1%",
                                        "[fe80::1%]:80",
                                        "[fe80::1%a b]:80",
                                        "203.0.113.7%eth0",
                                        "203.0.113.7%eth0:80",
                                        "unknown",
                                        "_hidden",
                                        "\"203.0.113.7\"",
                                        "1:2:3"})
        EXPECT_FALSE(parse_address_text(text)) << text;
    EXPECT_FALSE(parse_address_text(std::string_view("::1\0", 4)));
}

TEST(AddressText, ReadsTheHopsThatProxiesWrite) {
    const struct {
        std::string_view text, address;  // Empty: nobody.
    } cases[] = {
        {"203.0.113.7", "203.0.113.7"},
        {"203.0.113.7:51008", "203.0.113.7"},
        {"[2001:db8::1]", "2001:db8::1"},
        {"[2001:db8::1]:443", "2001:db8::1"},
        {"\"[2001:db8::1]:443\"", "2001:db8::1"},
        {"\"203.0.113.7\"", "203.0.113.7"},
        {"for=203.0.113.7", "203.0.113.7"},
        {"For=\"[2001:db8::1]:443\"", "2001:db8::1"},
        {"\"for=203.0.113.7\"", "203.0.113.7"},
        {"fe80::1%eth0", "fe80::1"},
        {"::ffff:203.0.113.7", "203.0.113.7"},
        {"unknown", ""},
        {"_hidden", ""},
        {"for=_hidden", ""},
        {"for=unknown", ""},
        {"for=", ""},
        {"for=203.0.113.7;proto=https", ""},
        {"by=203.0.113.7", ""},
        {"\"203.0.113.7", ""},
        {"\"", ""},
        {"203.0.113.7:http", ""},
        {"a.test", ""},
        {"", ""},
    };
    for (const auto& c : cases) {
        const auto found = parse_forwarded_node(c.text);
        EXPECT_EQ(found ? to_text(*found) : "", c.address) << c.text;
    }
}

TEST(AddressText, KnowsTheAddressesOfNobody) {
    for (const std::string_view text : {"::", "0.0.0.0", "::ffff:0.0.0.0"})
        EXPECT_TRUE(is_unspecified(*parse_ip(text))) << text;
    for (const std::string_view text : {"::1", "0.0.0.1", "1::", "127.0.0.1"})
        EXPECT_FALSE(is_unspecified(*parse_ip(text))) << text;
}

}  // namespace
}  // namespace kwikgate::auth
