#include "gateway/proxy/health_count.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace kwikgate::gateway::proxy {
namespace {

/// What is thought of a server after each check, `+` or `-`: 'u' for up, 'd' for down.
std::string after_each(std::string_view checks, unsigned healthy_after, unsigned unhealthy_after) {
    HealthCount count;
    bool is_down = false;
    std::string thought;
    for (const char check : checks) {
        const auto change = count.note(check == '+', is_down, healthy_after, unhealthy_after);
        if (change == HealthCount::Change::goes_down) {
            EXPECT_FALSE(is_down);
            is_down = true;
        } else if (change == HealthCount::Change::comes_up) {
            EXPECT_TRUE(is_down);
            is_down = false;
        }
        thought.push_back(is_down ? 'd' : 'u');
    }
    return thought;
}

TEST(HealthCount, TheLastCheckThatIsNeededCountsAtOnce) {
    EXPECT_EQ(after_each("---", 2, 3), "uud");
    EXPECT_EQ(after_each("-", 1, 1), "d");
    EXPECT_EQ(after_each("-+", 1, 1), "du");
    EXPECT_EQ(after_each("---++", 2, 3), "uuddu");
}

TEST(HealthCount, OnlyChecksInARowCount) {
    EXPECT_EQ(after_each("--+--+--", 2, 3), "uuuuuuuu");
    EXPECT_EQ(after_each("---+-+-++", 2, 3),
              "uudddddd"
              "u");
    EXPECT_EQ(after_each("+++++---", 2, 3), "uuuuuuud");
}

TEST(HealthCount, ItChangesOnce) {
    EXPECT_EQ(after_each("------", 2, 3), "uudddd");
    EXPECT_EQ(after_each("---+++++", 2, 3), "uudduuuu");
}

}  // namespace
}  // namespace kwikgate::gateway::proxy
