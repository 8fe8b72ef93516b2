#include "gateway/net/load_shedder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace kwikgate::gateway::net {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kTarget{250};
constexpr milliseconds kTick{50};

class LoadShedderTest : public testing::Test {
  protected:
    /// A window later, in which `requests` were asked for.
    int look(milliseconds delay, int requests) {
        const int shed = shed_of(requests);
        now_ += LoadShedder::kWindow;
        shedder_.ticked(now_, delay, kTarget);
        return shed;
    }
    int shed_of(int requests) {
        int shed = 0;
        for (int i = 0; i < requests; ++i) shed += shedder_.sheds() ? 1 : 0;
        return shed;
    }

    LoadShedder shedder_;
    Clock::time_point now_{seconds{1'000}};
};

TEST_F(LoadShedderTest, LetsEverythingInWhileTheDelayIsShort) {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(look(milliseconds{20}, 1000), 0);
    EXPECT_EQ(shedder_.delay(), milliseconds{20});
    EXPECT_EQ(shedder_.share(), 0);
}

TEST_F(LoadShedderTest, LetsABurstPass) {
    look(milliseconds{900}, 1000);
    look(milliseconds{10}, 10'000);
    look(milliseconds{900}, 1000);
    EXPECT_EQ(shed_of(1000), 0);
}

TEST_F(LoadShedderTest, TurnsNobodyAwayBecauseTheWholeMachineWasPaused) {
    look(milliseconds{10}, 100);
    look(milliseconds{60'000}, 100);
    EXPECT_EQ(shed_of(1000), 0);
}

TEST_F(LoadShedderTest, TurnsNobodyAwayWhenThereIsNobody) {
    for (int i = 0; i < 20; ++i) look(milliseconds{800}, 0);
    EXPECT_EQ(shed_of(100), 0);
}

TEST_F(LoadShedderTest, ADelayOfJustTheTargetIsNotLate) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(look(kTarget, 1000), 0);
    EXPECT_EQ(shedder_.share(), 0);
}

TEST_F(LoadShedderTest, ShedsAtOnceAndLetsInByQuarters) {
    look(milliseconds{300}, 1000);
    EXPECT_EQ(shedder_.share(), 0);
    look(milliseconds{500}, 1000);
    EXPECT_NEAR(shedder_.share(), 0.9, 1e-9) << "all that it can, in one step";
    for (double share = 0.9; share > 0.1;) {
        look(milliseconds{0}, 0);  // Nobody comes: everybody could be served.
        share *= 0.75;
        EXPECT_NEAR(shedder_.share(), share, 1e-9);
    }
}

TEST_F(LoadShedderTest, AlwaysLetsSomeIn) {
    int late = 300;
    for (int i = 0; i < 100; ++i) look(milliseconds{late += 200}, 1000);
    EXPECT_LE(shed_of(1000), 900);
    EXPECT_GE(shed_of(1000), 890);
}

/// A worker whose queue is first in, first out, and whose time is simulated.
class Worker {
  public:
    microseconds serving{250}, refusing{100};

    struct Seen {
        int served = 0, shed = 0;
        microseconds longest{}, last{};  ///< That one that was served waited.
    };

    /// `rate`: requests a second, which come at even distances.
    Seen run(int rate, seconds length) {
        const Clock::duration distance = std::chrono::nanoseconds{1'000'000'000 / rate};
        const auto end = now_ + length;
        Seen seen;
        while (now_ < end) {
            if (now_ >= timer_ || next_ > timer_) {
                now_ = std::max(now_, timer_);
                shedder_.ticked(now_, now_ - std::min(now_, next_), kTarget);
                timer_ = now_ + kTick;
                continue;
            }
            now_ = std::max(now_, next_);
            const auto waited = now_ - next_;
            next_ += distance;
            if (shedder_.sheds()) {
                now_ += refusing;
                ++seen.shed;
                continue;
            }
            now_ += serving;
            ++seen.served;
            seen.last = std::chrono::duration_cast<microseconds>(waited);
            seen.longest = std::max(seen.longest, seen.last);
        }
        return seen;
    }
    double share() const { return shedder_.share(); }

  private:
    LoadShedder shedder_;
    Clock::time_point now_{seconds{1'000}}, timer_ = now_ + kTick, next_ = now_;
};

constexpr int kCapacity = 4'000;

TEST(LoadShedderQueueTest, ShedsNothingUpToTheCapacity) {
    Worker worker;
    EXPECT_EQ(worker.run(kCapacity * 95 / 100, seconds{20}).shed, 0);
}

TEST(LoadShedderQueueTest, BeginsBeforeTheWaitIsFourTimesTheTarget) {
    for (const int percent : {110, 120, 150, 200}) {
        Worker worker;
        worker.run(kCapacity / 2, seconds{2});
        EXPECT_LT(worker.run(kCapacity * percent / 100, seconds{20}).longest, 4 * kTarget)
            << percent;
    }
}

/// What is left of the time when all that comes is refused can be used for serving: with a
/// refusal at two fifths, 1.5 times the capacity leaves 2/3 of it, and 1.2 leaves 6/7.
TEST(LoadShedderQueueTest, ServesNearlyAsMuchAsRefusingTheRestLeavesTimeFor) {
    struct Case {
        int percent;
        double possible;
    };
    for (const auto& [percent, possible] : {Case{120, 0.867}, Case{150, 0.667}, Case{200, 0.333}}) {
        Worker worker;
        worker.run(kCapacity * percent / 100, seconds{10});
        const auto seen = worker.run(kCapacity * percent / 100, seconds{10});
        const double served = seen.served / (10.0 * kCapacity);
        EXPECT_GT(served, possible - 0.04) << percent;
        EXPECT_LT(served, possible + 0.04) << percent;
        EXPECT_LT(seen.longest, kTarget * 5 / 4) << percent;
    }
}

TEST(LoadShedderQueueTest, HoldsTheWaitWhateverARefusalCosts) {
    for (const int refusing : {2, 20, 60, 150, 200}) {
        Worker worker;
        worker.refusing = microseconds{refusing};
        worker.run(kCapacity * 115 / 100, seconds{10});
        const auto seen = worker.run(kCapacity * 115 / 100, seconds{10});
        EXPECT_LT(seen.longest, kTarget * 5 / 4) << refusing;
        EXPECT_GT(seen.served, 0.25 * 10 * kCapacity) << refusing;
    }
}

TEST(LoadShedderQueueTest, FollowsACostThatChanges) {
    Worker worker;
    worker.run(kCapacity * 120 / 100, seconds{10});
    worker.serving *= 2;
    worker.run(kCapacity * 120 / 100, seconds{10});
    EXPECT_LT(worker.run(kCapacity * 120 / 100, seconds{10}).longest, 2 * kTarget);
    worker.serving /= 4;
    worker.run(kCapacity * 120 / 100, seconds{5});
    EXPECT_EQ(worker.run(kCapacity * 120 / 100, seconds{5}).shed, 0);
}

TEST(LoadShedderQueueTest, StopsOnceTheWorkerKeepsUp) {
    Worker worker;
    worker.run(kCapacity * 150 / 100, seconds{10});
    ASSERT_GT(worker.share(), 0);
    worker.run(kCapacity / 2, seconds{3});
    EXPECT_EQ(worker.share(), 0);
    EXPECT_EQ(worker.run(kCapacity / 2, seconds{3}).shed, 0);
}

TEST_F(LoadShedderTest, SpreadsTheShareEvenly) {
    for (int i = 3; i < 6; ++i) look(milliseconds{100 * i}, 1000);
    ASSERT_GT(shedder_.share(), 0.1);
    const double expected = 100 * shedder_.share();
    for (int i = 0; i < 20; ++i) EXPECT_NEAR(shed_of(100), expected, 1.01);
}

}  // namespace
}  // namespace kwikgate::gateway::net
