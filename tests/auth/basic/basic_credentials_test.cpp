#include "auth/basic/basic_credentials.hpp"

#include <gtest/gtest.h>

#include <string>

#include "auth/base64.hpp"

namespace kwikgate::auth {
namespace {

std::string encode(std::string_view text) {
    return encode_base64(
        std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

struct Parsed {
    std::string key, secret;
};

std::optional<Parsed> parse(std::string_view value) {
    SecretBytes<kMaxBasicBytes> buffer;
    const auto parsed = parse_basic(value, buffer);
    if (!parsed) return std::nullopt;
    return Parsed{std::string(parsed->api_key), std::string(parsed->api_secret)};
}

TEST(ParseBasic, SplitsAtTheFirstColon) {
    const struct {
        std::string_view decoded, key, secret;
    } cases[] = {
        {"key:secret", "key", "secret"},
        {"key:secret:with:colons", "key", "secret:with:colons"},
        {":secret", "", "secret"},
        {"key:", "key", ""},
        {":", "", ""},
        {"kwk_live_ak_0123456789abcdefghijkl:kwk_live_sk_0", "kwk_live_ak_0123456789abcdefghijkl",
         "kwk_live_sk_0"},
    };
    for (const auto& c : cases) {
        const auto parsed = parse("Basic " + encode(c.decoded));
        ASSERT_TRUE(parsed) << c.decoded;
        EXPECT_EQ(parsed->key, c.key);
        EXPECT_EQ(parsed->secret, c.secret);
    }
}

TEST(ParseBasic, TakesTheSchemeInAnyCaseAndSeveralSpaces) {
    for (const std::string_view start : {"Basic ", "basic ", "BASIC ", "bAsIc    "})
        EXPECT_TRUE(parse(std::string(start) + encode("key:secret"))) << start;
}

TEST(ParseBasic, RefusesEveryOtherSpelling) {
    const std::string good = encode("key:secrets");  // a2V5OnNlY3JldHM=
    ASSERT_EQ(good, "a2V5OnNlY3JldHM=");
    for (const std::string& value :
         {std::string(),
          std::string("Basic"),
          std::string("Basic "),
          "Basic" + good,
          "Basic\t" + good,
          " Basic " + good,
          "Bearer " + good,
          "Basi " + good,
          good,
          std::string("Basic a2V5OnNlY3JldHM"),            // no padding
          std::string("Basic a2V5OnNlY3JldHM=="),          // too much padding
          std::string("Basic a2V5OnNlY3JldHN="),           // unused bits set
          std::string("Basic a2V5OnNl Y3JldHM="),          // wrapped, the fold made a space
          std::string("Basic a2V5OnNl\nY3JldHM="),         // wrapped
          std::string("Basic a2V5OnNlY3JldHM= "),          // a space behind
          std::string("Basic a2V5OnNlY3JldHM=, Basic a"),  // two
          std::string("Basic a2V5OnNlY3Jld-M="),           // the URL alphabet
          std::string("Basic a2V5OnNl=3JldHM="),           // padding inside
          std::string("Basic key:secret"),                 // not encoded at all
          "Basic " + encode("no colon"),
          "Basic " + encode(""),
          std::string("Basic realm=\"x\""),
          std::string("Basic ====")})
        EXPECT_FALSE(parse(value)) << value;
}

TEST(ParseBasic, IsBounded) {
    const std::string key(255, 'k');
    EXPECT_TRUE(parse("Basic " + encode(key + ":" + std::string(255, 's'))));
    EXPECT_TRUE(parse("Basic " + encode(key + ":" + std::string(600 - 256, 's'))));
    EXPECT_FALSE(parse("Basic " + encode(key + ":" + std::string(601 - 256, 's'))));
    EXPECT_FALSE(parse("Basic " + encode(key + ":" + std::string(8192, 's'))));
}

}  // namespace
}  // namespace kwikgate::auth
