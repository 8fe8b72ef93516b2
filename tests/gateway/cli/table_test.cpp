#include "gateway/cli/table.hpp"

#include <gtest/gtest.h>

#include "gateway/json/utf8_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

TEST(TableTest, AlignsColumnsAndLeavesNoTrailingSpace) {
    Table table({"Name", "Status"});
    table.add_row({"Shop", "Live"});
    table.add_row({"A longer name", "Disabled"});
    EXPECT_EQ(table.to_string(),
              "Name           Status\n"
              "Shop           Live\n"
              "A longer name  Disabled\n");
}

TEST(TableTest, AlignsNamesOfAnyScript) {
    Table table({"Name", "X"});
    table.add_row({"caf\xC3\xA9", "1"});               // One column for two bytes.
    table.add_row({"\xE6\x94\xAF\xE6\x89\x95", "2"});  // Two columns for each of two characters.
    table.add_row({"e\xCC\x81te", "3"});               // A combining mark takes none.
    EXPECT_EQ(table.to_string(),
              "Name  X\n"
              "caf\xC3\xA9  1\n"
              "\xE6\x94\xAF\xE6\x89\x95  2\n"
              "e\xCC\x81te   3\n");
}

TEST(TableTest, IsEmptyUntilARowIsAdded) {
    Table table({"Name"});
    EXPECT_TRUE(table.empty());
    table.add_row({"x"});
    EXPECT_FALSE(table.empty());
}

TEST(TableTest, DoesNotLetACellSteerTheTerminal) {
    Table table({"Name"});
    table.add_row({"a\x1b[31mb\nc"});
    EXPECT_EQ(table.to_string(),
              "Name\na\xEF\xBF\xBD[31mb\xEF\xBF\xBD"
              "c\n");
}

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
        {"\xE2\x80\xAE", "\xE2\x80\xAE"},  // Valid, though not printable.
    };
    for (const TextCase& c : cases) EXPECT_EQ(valid_utf8(c.given), c.expected) << c.given;
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
}  // namespace kwikgate::gateway::cli
