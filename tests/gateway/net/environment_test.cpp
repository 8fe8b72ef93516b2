#include "gateway/net/environment.hpp"

#include <gtest/gtest.h>
#include <cstdlib>

namespace kwikgate::gateway::net {
namespace {

TEST(Environment, AVariableIsTakenOnce) {
    ASSERT_EQ(::setenv("KWIKGATE_TEST_VARIABLE", "value", 1), 0);
    EXPECT_EQ(take_variable("KWIKGATE_TEST_VARIABLE"), "value");
    EXPECT_EQ(take_variable("KWIKGATE_TEST_VARIABLE"), "");
    EXPECT_EQ(std::getenv("KWIKGATE_TEST_VARIABLE"), nullptr);
}

TEST(Environment, ANumberIsDigitsAndNothingElse) {
    EXPECT_EQ(to_number("0"), 0);
    EXPECT_EQ(to_number("30000000"), 30'000'000);
    for (const char* text : {"", " 1", "1 ", "1s", "0x1", "9223372036854775808"})
        EXPECT_EQ(to_number(text), std::nullopt) << text;
}

}  // namespace
}  // namespace kwikgate::gateway::net
