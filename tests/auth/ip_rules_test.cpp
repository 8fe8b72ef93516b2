#include "auth/ip_rules.hpp"

#include <gtest/gtest.h>

namespace kwikgate::auth {
namespace {

using store::IpAddress;
using store::IpRange;

TEST(ParseIp, TakesAddressesAndWritesThemCanonically) {
    const struct {
        std::string_view text;
        std::string_view canonical;
    } cases[] = {
        {"0.0.0.0", "0.0.0.0"},
        {"127.0.0.1", "127.0.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"2001:DB8::1", "2001:db8::1"},
        {"2001:db8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::ffff:c000:0201", "192.0.2.1"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    for (const auto& c : cases) {
        const auto address = parse_ip(c.text);
        ASSERT_TRUE(address) << c.text;
        EXPECT_EQ(to_text(*address), c.canonical);
        EXPECT_EQ(parse_ip(to_text(*address)), address);
    }
}

TEST(ParseIp, HoldsIpv4AsMapped) {
    const auto address = parse_ip("192.0.2.1");
    ASSERT_TRUE(address);
    const IpAddress expected{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}};
    EXPECT_EQ(*address, expected);
    EXPECT_TRUE(is_ipv4(*address));
    EXPECT_FALSE(is_ipv4(*parse_ip("::1")));
}

constexpr std::string_view kGarbage[] = {"",
                                         " ",
                                         "1",
                                         "1.2.3",
                                         "1.2.3.4.5",
                                         "1.2.3.256",
                                         "01.2.3.4",
                                         "1.2.3.04",
                                         "0x1.2.3.4",
                                         "1.2.3.4 ",
                                         " 1.2.3.4",
                                         "1.2.3.-4",
                                         "1.2.3.4:80",
                                         "[::1]",
                                         "::1%eth0",
                                         ":::",
                                         "1::2::3",
                                         "12345::",
                                         "g::1",
                                         "localhost",
                                         "1.2.3.4\n",
                                         "1,2,3,4",
                                         "::ffff:1.2.3.256",
                                         "1:2:3:4:5:6:7:8:9",
                                         "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255.255.255"};

TEST(ParseIp, RefusesEverythingElse) {
    for (const std::string_view text : kGarbage) EXPECT_FALSE(parse_ip(text)) << text;
    EXPECT_FALSE(parse_ip(std::string_view("1.2.3.4\0", 8)));
    EXPECT_FALSE(parse_ip(std::string_view("1.2.3.4\0x", 9)));
    EXPECT_FALSE(parse_ip("10.0.0.0/8"));
}

TEST(ParseIpRange, ClearsHostBitsAndWritesThemCanonically) {
    const struct {
        std::string_view text;
        std::string_view canonical;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.1/32", "192.0.2.1"},
        {"192.0.2.77/24", "192.0.2.0/24"},
        {"10.255.255.255/8", "10.0.0.0/8"},
        {"1.2.3.4/0", "0.0.0.0/0"},
        {"192.0.2.129/25", "192.0.2.128/25"},
        {"2001:db8::1", "2001:db8::1"},
        {"2001:db8:1:2:3::/33", "2001:db8::/33"},
        {"2001:db8::1/128", "2001:db8::1"},
        {"::/0", "::/0"},
        {"::ffff:10.1.2.3/104", "10.0.0.0/8"},
        {"::ffff:10.1.2.3/64", "::/64"},
    };
    for (const auto& c : cases) {
        const auto range = parse_ip_range(c.text);
        ASSERT_TRUE(range) << c.text;
        EXPECT_EQ(to_text(*range), c.canonical) << c.text;
        EXPECT_EQ(parse_ip_range(to_text(*range)), range) << c.text;
    }
}

TEST(ParseIpRange, ContainsWhatTheBlockSays) {
    const struct {
        std::string_view range;
        std::string_view address;
        bool inside;
    } cases[] = {
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.0/25", "192.0.2.127", true},
        {"192.0.2.0/25", "192.0.2.128", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"192.0.2.7", "192.0.2.7", true},
        {"192.0.2.7", "192.0.2.6", false},
        {"2001:db8::/32", "2001:db8:ffff::", true},
        {"2001:db8::/32", "2001:db9::", false},
        {"2001:db8::/32", "32.1.13.184", false},
        {"::/0", "192.0.2.1", true},
        {"::1/128", "0.0.0.1", false},
    };
    for (const auto& c : cases)
        EXPECT_EQ(parse_ip_range(c.range)->contains(*parse_ip(c.address)), c.inside)
            << c.range << " " << c.address;
}

TEST(ParseIpRange, RefusesEverythingElse) {
    for (const std::string_view text : kGarbage) {
        EXPECT_FALSE(parse_ip_range(text)) << text;
        EXPECT_FALSE(parse_ip_range(std::string(text) + "/8")) << text;
    }
    for (const std::string_view text :
         {"10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/-1", "10.0.0.0/8 ",
          "10.0.0.0/8/8", "/8", "::/129", "::/0128", "::/999", "10.0.0.0/255.0.0.0", "::/a",
          "10.0.0.0 /8", "10.0.0.0/4294967304"})
        EXPECT_FALSE(parse_ip_range(text)) << text;
}

TEST(IpRangeText, OfAHandMadeRangeParsesBack) {
    IpRange range{*parse_ip("192.0.2.1"), 40};
    const auto parsed = parse_ip_range(to_text(range));
    ASSERT_TRUE(parsed) << to_text(range);
    EXPECT_EQ(parsed->prefix_bits, 40);
}

TEST(IpRules, KnowsTheAddressesOfThisMachine) {
    for (const char* text : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(is_loopback(parse_ip(text).value())) << text;
    for (const char* text :
         {"0.0.0.0", "126.255.255.255", "128.0.0.1", "::", "::2", "fe80::1", "::127.0.0.1"})
        EXPECT_FALSE(is_loopback(parse_ip(text).value())) << text;
}

}  // namespace
}  // namespace kwikgate::auth
