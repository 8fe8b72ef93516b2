#include "auth/token_settings.hpp"

#include <gtest/gtest.h>

namespace kwikgate::auth {
namespace {

TEST(TokenName, IsOneToAHundredCharactersOfUtf8) {
    std::string hundred;
    for (int i = 0; i < 100; ++i) hundred += "\xf0\x9f\x92\xb3";
    for (const std::string& name :
         {std::string("a"), std::string("Shop (live) – Köln, 東京"), std::string(100, 'x'), hundred,
          std::string("two words"), std::string("\"quoted\" \\ <b>")})
        EXPECT_TRUE(is_valid_name(name)) << name;
    EXPECT_FALSE(is_valid_name(std::string(101, 'x')));
    EXPECT_FALSE(is_valid_name(hundred + "x"));
    EXPECT_FALSE(is_valid_name(""));
    EXPECT_FALSE(is_valid_name("   "));
    EXPECT_FALSE(is_valid_name("\xc2\xa0\xe3\x80\x80"));
}

TEST(TokenName, HoldsNoControlCharactersAndNothingThatTurnsText) {
    for (const std::string_view name :
         {"a\nb", "a\tb", "\x1b[31mred", "a\x7f", "a\xc2\x85", "a\xe2\x80\xa8z", "a\xe2\x80\xaez",
          "a\xe2\x81\xa6z", "a\xe2\x80\x8fz"})
        EXPECT_FALSE(is_valid_name(name)) << name;
    EXPECT_FALSE(is_valid_name(std::string_view("a\0b", 3)));
}

TEST(TokenName, IsValidUtf8) {
    for (const std::string_view name :
         {"\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xf0\x80\x80\xaf", "\xed\xa0\x80",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82", "\xfe\xff"})
        EXPECT_FALSE(is_valid_name(name));
    EXPECT_TRUE(is_valid_name("\xf4\x8f\xbf\xbf"));
    EXPECT_TRUE(is_valid_name("\xed\x9f\xbf"));
}

TEST(Origin, IsWrittenAsABrowserSendsIt) {
    const struct {
        std::string_view text, origin;
    } cases[] = {
        {"https://shop.example.com", "https://shop.example.com"},
        {"HTTPS://Shop.Example.COM", "https://shop.example.com"},
        {"https://shop.example.com:443", "https://shop.example.com"},
        {"http://localhost:80", "http://localhost"},
        {"http://localhost:3000", "http://localhost:3000"},
        {"https://shop.example.com:80", "https://shop.example.com:80"},
        {"http://[::1]:8080", "http://[::1]:8080"},
        {"http://[2001:DB8::1]", "http://[2001:db8::1]"},
    };
    for (const auto& c : cases) {
        const auto origin = normalize_origin(c.text);
        ASSERT_TRUE(origin) << c.text;
        EXPECT_EQ(*origin, c.origin);
    }
}

TEST(Origin, IsNothingElse) {
    for (const std::string_view text : {"",
                                        "null",
                                        "*",
                                        "https://*",
                                        "https://*.example.com",
                                        "shop.example.com",
                                        "https://",
                                        "https:///",
                                        "https://shop.example.com/",
                                        "https://shop.example.com/pay",
                                        "https://shop.example.com?x",
                                        "https://user@shop.example.com",
                                        "ftp://shop.example.com",
                                        "file://",
                                        "https://shop.example.com:",
                                        "https://shop.example.com:0",
                                        "https://shop.example.com:65536",
                                        "https://shop.example.com:8x",
                                        "https://a b",
                                        "https://[::1",
                                        "https://::1",
                                        "https://[]",
                                        "https://shop.example.com:80:80",
                                        "https://caf\xc3\xa9.example",
                                        "https://a\n",
                                        "javascript:alert(1)",
                                        "https://[::1]x"}) {
        const auto origin = normalize_origin(text);
        ASSERT_FALSE(origin) << text;
        EXPECT_EQ(origin.error().code, Errc::invalid_origin);
    }
    EXPECT_FALSE(normalize_origin("https://" + std::string(300, 'a')));
}

}  // namespace
}  // namespace kwikgate::auth
