#include "gateway/json/utf8_text.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway {
namespace {

struct TextCase {
    const char* given;
    const char* expected;
};

TEST(Utf8TextTest, ReplacesWhatIsNotUtf8) {
    const TextCase cases[] = {
        {"plain", "plain"},
        {"\xC3\xA9", "\xC3\xA9"},
        {"\xC3", "\xEF\xBF\xBD"},                                  // Cut short.
        {"\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},                  // Overlong.
        {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},  // A surrogate.
        {"\xF5\x80\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
    };
    for (const TextCase& c : cases) EXPECT_EQ(printable(c.given), c.expected) << c.given;
}

TEST(Utf8TextTest, ReplacesBidirectionalOverridesAndControls) {
    EXPECT_EQ(printable("a\xE2\x80\xAE"
                        "b\x7f\xC2\x85"),
              "a\xEF\xBF\xBD"
              "b\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8TextTest, TruncatesByColumnsNotBytes) {
    EXPECT_EQ(truncated("abcdef", 6), "abcdef");
    EXPECT_EQ(truncated("abcdefg", 6), "abcde\xE2\x80\xA6");
    EXPECT_EQ(truncated("\xE6\x94\xAF\xE6\x89\x95\xE6\x94\xAF", 4), "\xE6\x94\xAF\xE2\x80\xA6");
    EXPECT_LE(display_width(truncated("\xE6\x94\xAF\xE6\x89\x95\xE6\x94\xAF", 4)), 4U);
}

}  // namespace
}  // namespace kwikgate::gateway
