#include "gateway/net/proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>

#include "auth/ip_rules.hpp"

namespace kwikgate::gateway::net {
namespace {

using Status = ProxyHeader::Status;

std::string version_2(char command, char family, const std::string& body) {
    std::string header("\r\n\r\n\0\r\nQUIT\n", 12);
    header += command;
    header += family;
    header += static_cast<char>(body.size() >> 8);
    header += static_cast<char>(body.size() & 0xff);
    return header + body;
}

TEST(ProxyHeaderTest, EveryPrefixOfAGoodHeaderNeedsMore) {
    const std::string v4(12, '\x05');
    for (const std::string& header : {std::string("PROXY TCP4 192.0.2.7 192.0.2.1 50000 443\r\n"),
                                      version_2('\x21', '\x11', v4)}) {
        for (std::size_t size = 0; size < header.size(); ++size)
            EXPECT_EQ(parse_proxy_header(header.substr(0, size)).status, Status::need_more) << size;
        for (const char* rest : {"", "GET / HTTP/1.1\r\n"}) {
            const ProxyHeader parsed = parse_proxy_header(header + rest);
            EXPECT_EQ(parsed.status, Status::complete);
            EXPECT_EQ(parsed.size, header.size());
        }
    }
}

TEST(ProxyHeaderTest, TellsTheSource) {
    const ProxyHeader text = parse_proxy_header("PROXY TCP6 2001:db8::7 ::1 1 65535\r\n");
    ASSERT_TRUE(text.has_source);
    EXPECT_EQ(auth::to_text(text.source), "2001:db8::7");
    const auto source_of = [](const std::string& header) {
        const ProxyHeader parsed = parse_proxy_header(header);
        return parsed.has_source ? auth::to_text(parsed.source) : "nobody";
    };
    // What a dual-stack HAProxy writes, and one whose client and server differ in their family.
    EXPECT_EQ(source_of("PROXY TCP6 ::ffff:203.0.113.7 ::ffff:10.0.0.1 5555 443\r\n"),
              "203.0.113.7");
    EXPECT_EQ(source_of("PROXY TCP6 ::ffff:203.0.113.7 2001:db8::1 5555 443\r\n"), "203.0.113.7");
    EXPECT_EQ(source_of("PROXY TCP6 2001:db8::7 ::ffff:10.0.0.1 5555 443\r\n"), "2001:db8::7");
    EXPECT_EQ(source_of("PROXY TCP6 203.0.113.7 10.0.0.1 5555 443\r\n"), "203.0.113.7");
    EXPECT_EQ(source_of("PROXY TCP6 ::FFFF:CB00:7107 ::1 5555 443\r\n"), "203.0.113.7");
    const std::string mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff\xcb\0\x71\7", 16);
    EXPECT_EQ(source_of(version_2('\x21', '\x21', mapped + mapped + std::string("\0\1\0\2", 4))),
              "203.0.113.7");
    const ProxyHeader binary = parse_proxy_header(
        version_2('\x21', '\x11', std::string("\xc0\0\2\7\xc0\0\2\1\0\1\0\2", 12)));
    ASSERT_TRUE(binary.has_source);
    EXPECT_EQ(auth::to_text(binary.source), "192.0.2.7");
}

TEST(ProxyHeaderTest, LocalAndUnknownNameNobody) {
    for (const std::string& header :
         {std::string("PROXY UNKNOWN\r\n"), version_2('\x20', '\0', ""),
          version_2('\x20', '\x11', std::string(12, '\1')), version_2('\x21', '\0', "")}) {
        const ProxyHeader parsed = parse_proxy_header(header);
        EXPECT_EQ(parsed.status, Status::complete);
        EXPECT_FALSE(parsed.has_source);
    }
}

TEST(ProxyHeaderTest, RefusesWhatIsNoHeaderOfEither) {
    for (const std::string& text :
         {std::string("GET / HTTP/1.1\r\n"), std::string("PROXY TCP4\r\n"),
          std::string("PROXY TCP4 192.0.2.7 ::1 1 2\r\n"),
          std::string("PROXY TCP4 2001:db8::7 192.0.2.7 1 2\r\n"),
          std::string("PROXY TCP6 [2001:db8::7] ::1 1 2\r\n"),
          std::string("PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n"),
          std::string("PROXY TCP6 unknown ::1 1 2\r\n"),
          std::string("PROXY TCP4 192.0.2.7 192.0.2.1 01 2\r\n"),
          std::string("PROXY TCP4 192.0.2.7 192.0.2.1 1 2 \r\n"),
          std::string("PROXY TCP4 192.0.2.7 192.0.2.1 1 65536\r\n"),
          "PROXY UNKNOWN " + std::string(200, 'x') + "\r\n", version_2('\x22', '\x11', ""),
          version_2('\x11', '\x11', std::string(12, '\1')), version_2('\x21', '\x11', "short"),
          version_2('\x21', '\x31', std::string(216, '\1')),
          version_2('\x21', '\x11', std::string(2000, '\1'))})
        EXPECT_EQ(parse_proxy_header(text).status, Status::malformed) << text;
}

}  // namespace
}  // namespace kwikgate::gateway::net
