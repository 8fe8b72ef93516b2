#include "gateway/cli/table.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace kwikgate::gateway::cli
