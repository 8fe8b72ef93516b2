#include "store/token_record.hpp"

#include <gtest/gtest.h>

#include "tests/store/sample_token.hpp"

namespace kwikgate::store {
namespace {

IpAddress ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return IpAddress{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
}

TEST(TokenView, AllowsEveryAddressWhenNoneIsListed) {
    const auto bytes = encode(sample_token(1)).value();
    const auto view = decode(bytes).value();
    EXPECT_TRUE(view.allows_address(ipv4(192, 0, 2, 1)));
}

TEST(TokenView, AllowsOnlyListedRanges) {
    TokenRecord record = sample_token(1);
    record.allowed_ips = {IpRange{ipv4(10, 1, 2, 0), 120}, IpRange{ipv4(192, 0, 2, 9), 128}};
    const auto bytes = encode(record).value();
    const auto view = decode(bytes).value();
    EXPECT_TRUE(view.allows_address(ipv4(10, 1, 2, 255)));
    EXPECT_TRUE(view.allows_address(ipv4(192, 0, 2, 9)));
    EXPECT_FALSE(view.allows_address(ipv4(10, 1, 3, 0)));
    EXPECT_FALSE(view.allows_address(ipv4(192, 0, 2, 8)));
    EXPECT_FALSE(view.allows_address(IpAddress{}));
}

TEST(TokenView, AllowsAClientThatNobodyKnowsOnlyWithoutAList) {
    TokenRecord record = sample_token(1);
    record.allowed_ips = {IpRange{IpAddress{}, 0}};
    const auto everybody = encode(record).value();
    EXPECT_TRUE(decode(everybody).value().allows_address(ipv4(10, 1, 2, 3)));
    EXPECT_FALSE(decode(everybody).value().allows_address(IpAddress{}));
    record.allowed_ips.clear();
    const auto unlisted = encode(record).value();
    EXPECT_TRUE(decode(unlisted).value().allows_address(IpAddress{}));
}

TEST(TokenView, AllowsOnlyListedOriginsByteForByte) {
    TokenRecord record = sample_token(1);
    record.allowed_origins = {"https://a.example", "https://b.example:8443"};
    const auto bytes = encode(record).value();
    const auto view = decode(bytes).value();
    for (const char* origin : {"https://a.example", "https://b.example:8443"})
        EXPECT_TRUE(view.allows_origin(origin)) << origin;
    for (const char* origin : {"", "https://a.example/", "https://A.example", "https://a.exampl",
                               "http://a.example", "https://b.example", "null"})
        EXPECT_FALSE(view.allows_origin(origin)) << origin;
}

TEST(TokenView, AllowsNoOriginWhenNoneIsListed) {
    const auto bytes = encode(sample_token(1)).value();
    const auto view = decode(bytes).value();
    EXPECT_FALSE(view.allows_origin("https://a.example"));
    EXPECT_FALSE(view.allows_origin(""));
}

}  // namespace
}  // namespace kwikgate::store
