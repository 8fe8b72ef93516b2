#include "gateway/net/linger.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway::net {
namespace {

class LingerTest : public testing::Test {
  protected:
    LingerTest() { linger_.begin(now_); }

    Clock::time_point now_{std::chrono::seconds(1000)};
    Linger linger_;
};

TEST_F(LingerTest, EndsSoonWhenNothingComes) {
    EXPECT_EQ(linger_.end(now_), now_ + Linger::kIdle);
}

TEST_F(LingerTest, EndsHoweverOftenSomethingComes) {
    const Clock::time_point latest = now_ + Linger::kWhole;
    for (int i = 0; i < 100; ++i) {
        now_ += std::chrono::milliseconds(500);
        ASSERT_LE(linger_.end(now_), latest);
    }
    EXPECT_EQ(linger_.end(now_), latest);
}

TEST_F(LingerTest, EndsHoweverFastItComes) {
    std::size_t taken = 0;
    while (linger_.goes_on_after(16 * 1024) && taken <= Linger::kMostBytes) taken += 16 * 1024;
    EXPECT_EQ(taken, Linger::kMostBytes);
}

TEST_F(LingerTest, BeginsAnewOnTheNextConnection) {
    EXPECT_FALSE(linger_.goes_on_after(Linger::kMostBytes + 1));
    now_ += std::chrono::hours(1);
    linger_.begin(now_);
    EXPECT_TRUE(linger_.goes_on_after(Linger::kMostBytes));
    EXPECT_EQ(linger_.end(now_), now_ + Linger::kIdle);
}

}  // namespace
}  // namespace kwikgate::gateway::net
