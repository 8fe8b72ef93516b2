#include "gateway/cli/help_text.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway::cli {
namespace {

TEST(WrapTest, BreaksAtSpacesAndIndentsTheRest) {
    EXPECT_EQ(wrap("one two three four", 2, 11), "one two\n  three\n  four");
    EXPECT_EQ(wrap("short", 10, 20), "short");
    EXPECT_EQ(wrap("", 10, 20), "");
}

TEST(WrapTest, LeavesAWordWhole) {
    EXPECT_EQ(wrap("aaaaaaaaaa bb", 0, 5), "aaaaaaaaaa\nbb");
}

}  // namespace
}  // namespace kwikgate::gateway::cli
