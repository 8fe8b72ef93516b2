#include "auth/base62.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>

namespace kwikgate::auth {
namespace {

std::string digits(std::uint64_t value, std::size_t width) {
    std::string text(width, '?');
    put_base62(value, text);
    return text;
}

TEST(Base62, WritesNumbersInFixedWidth) {
    EXPECT_EQ(digits(0, 3), "000");
    EXPECT_EQ(digits(9, 1), "9");
    EXPECT_EQ(digits(10, 1), "A");
    EXPECT_EQ(digits(35, 1), "Z");
    EXPECT_EQ(digits(36, 1), "a");
    EXPECT_EQ(digits(61, 2), "0z");
    EXPECT_EQ(digits(62, 2), "10");
    EXPECT_EQ(digits(0xffffffffU, 6), "4gfFC3");
}

TEST(Base62, SortsAsTextAsItDoesAsNumbers) {
    std::string last = digits(0, 4);
    for (std::uint64_t i = 1; i < 20000; ++i) {
        const std::string next = digits(i, 4);
        ASSERT_LT(last, next);
        last = next;
    }
}

TEST(Base62, CountsUp) {
    std::string text = "00";
    for (std::uint64_t i = 1; i < 62 * 62; ++i) {
        ASSERT_TRUE(increment_base62(text));
        ASSERT_EQ(text, digits(i, 2));
    }
    EXPECT_FALSE(increment_base62(text));
}

TEST(Base62, DrawsEveryDigitAboutAsOften) {
    std::string text(62 * 2000, '\0');
    ASSERT_TRUE(put_random_base62(text));
    ASSERT_TRUE(is_base62(text));
    std::map<char, int> seen;
    for (const char c : text) ++seen[c];
    ASSERT_EQ(seen.size(), 62U);
    // 2000 expected, standard deviation 44: eight of them are never met by chance. A plain modulo
    // of a byte would give the first eight digits 2422.
    for (const auto& [digit, count] : seen) EXPECT_NEAR(count, 2000, 352) << digit;
}

TEST(Base62, KnowsItsAlphabet) {
    EXPECT_TRUE(is_base62("09AZaz"));
    for (const char c : {'-', '_', '/', ':', '@', '[', '`', '{', ' ', '\0', '\xe9'})
        EXPECT_FALSE(is_base62(std::string(1, c))) << c;
}

}  // namespace
}  // namespace kwikgate::auth
