#include "gateway/net/load_shedder.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway::net {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTarget{250};

class LoadShedderTest : public testing::Test {
  protected:
    /// A tick that was due 50 ms after the last one and came `late` after that.
    void tick(milliseconds late) {
        const auto due = now_ + milliseconds{50};
        now_ = due + late;
        shedder_.ticked(due, now_, kTarget);
    }
    int shed_of(int requests) {
        int shed = 0;
        for (int i = 0; i < requests; ++i) shed += shedder_.sheds() ? 1 : 0;
        return shed;
    }

    LoadShedder shedder_;
    Clock::time_point now_{};
};

TEST_F(LoadShedderTest, LetsEverythingInWhileTicksAreInTime) {
    for (int i = 0; i < 100; ++i) tick(milliseconds{20});
    EXPECT_EQ(shed_of(1000), 0);
    EXPECT_EQ(shedder_.delay(), milliseconds{20});
}

TEST_F(LoadShedderTest, LetsABurstPass) {
    tick(milliseconds{900});
    tick(milliseconds{10});
    tick(milliseconds{900});
    EXPECT_EQ(shed_of(1000), 0);
}

TEST_F(LoadShedderTest, ShedsAShareThatGrowsWhileTheDelayStays) {
    for (int i = 0; i < 4; ++i) tick(milliseconds{300});
    const int first = shed_of(1000);
    EXPECT_GE(first, 249);
    for (int i = 0; i < 3; ++i) tick(milliseconds{300});
    EXPECT_GT(shed_of(1000), first);
}

TEST_F(LoadShedderTest, ATickThatIsLateBySeveralTimesTheTargetCountsAsSeveral) {
    tick(milliseconds{1000});
    EXPECT_GE(shed_of(1000), 680);
    tick(milliseconds{1000});
    EXPECT_GE(shed_of(1000), 890);
}

TEST_F(LoadShedderTest, OneLongPauseDoesNotTurnNearlyEverybodyAway) {
    tick(milliseconds{60'000});
    EXPECT_LE(shed_of(1000), 690);
    for (int i = 0; i < 60; ++i) tick(milliseconds{0});
    EXPECT_EQ(shed_of(1000), 0);
}

TEST_F(LoadShedderTest, AlwaysLetsSomeIn) {
    for (int i = 0; i < 1000; ++i) tick(milliseconds{5000});
    EXPECT_LE(shed_of(1000), 950);
}

TEST_F(LoadShedderTest, StopsOnceTheWorkerKeepsUp) {
    for (int i = 0; i < 10; ++i) tick(milliseconds{500});
    ASSERT_GT(shedder_.share(), 0);
    for (int i = 0; i < 60; ++i) tick(milliseconds{0});
    EXPECT_EQ(shedder_.share(), 0);
    EXPECT_EQ(shed_of(1000), 0);
}

TEST_F(LoadShedderTest, SpreadsTheShareEvenly) {
    for (int i = 0; i < 4; ++i) tick(milliseconds{300});
    const double expected = 8 * shedder_.share();
    for (int i = 0; i < 20; ++i) EXPECT_NEAR(shed_of(8), expected, 1);
}

}  // namespace
}  // namespace kwikgate::gateway::net
