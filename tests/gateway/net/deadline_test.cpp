#include "gateway/net/deadline.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace kwikgate::gateway::net {
namespace {

using std::chrono::milliseconds;

class DeadlineTest : public testing::Test {
  protected:
    class Alarm final : public Deadline {
      public:
        explicit Alarm(DeadlineTest& test) : Deadline(test.wheel_), test_(test) {}
        std::function<void()> then = [] {};
        std::vector<Clock::time_point> rang;

      private:
        void on_deadline() override {
            EXPECT_EQ(at(), Clock::time_point::max()) << "it is clear while it fires";
            rang.push_back(test_.now_);
            then();
        }
        DeadlineTest& test_;
    };

    DeadlineTest() { wheel_.advance(now_); }
    void pass(milliseconds time) {
        const auto until = now_ + time;
        while (now_ < until) {
            now_ += DeadlineWheel::kTick;
            wheel_.advance(now_);
        }
    }
    /// Fires neither before `at` nor more than a tick after it.
    void expect_rang_once_at(const Alarm& alarm, Clock::time_point at) {
        ASSERT_EQ(alarm.rang.size(), 1U);
        EXPECT_GE(alarm.rang[0], at);
        EXPECT_LE(alarm.rang[0], at + DeadlineWheel::kTick);
    }

    DeadlineWheel wheel_;
    Clock::time_point now_ = wheel_.now();
};

TEST_F(DeadlineTest, FiresOnceInTime) {
    for (const int ms : {0, 1, 49, 50, 51, 1'000, 60'000}) {
        Alarm alarm(*this);
        const auto at = now_ + milliseconds(ms);
        alarm.set(milliseconds(ms));
        pass(milliseconds(ms + 200));
        expect_rang_once_at(alarm, at);
    }
}

TEST_F(DeadlineTest, FiresInTimeBeyondATurnOfTheWheel) {
    // A turn is 2,048 ticks of 50 ms.
    for (const int seconds : {102, 103, 150, 300, 3'600}) {
        Alarm alarm(*this);
        const auto at = now_ + std::chrono::seconds(seconds);
        alarm.set(std::chrono::seconds(seconds));
        pass(std::chrono::seconds(seconds + 1));
        expect_rang_once_at(alarm, at);
    }
}

TEST_F(DeadlineTest, TheLastTimeThatWasSetCounts) {
    Alarm later(*this), earlier(*this), cleared(*this), set_again(*this);
    const auto start = now_;
    later.set(milliseconds(100));
    later.set(milliseconds(5'000));
    earlier.set(milliseconds(5'000));
    earlier.set(milliseconds(100));
    cleared.set(milliseconds(100));
    cleared.clear();
    set_again.set(milliseconds(100));
    set_again.clear();
    set_again.set(milliseconds(1'000));
    pass(milliseconds(10'000));
    expect_rang_once_at(later, start + milliseconds(5'000));
    expect_rang_once_at(earlier, start + milliseconds(100));
    EXPECT_TRUE(cleared.rang.empty());
    expect_rang_once_at(set_again, start + milliseconds(1'000));
}

TEST_F(DeadlineTest, ATimeThatHasPassedFiresAtTheNextTick) {
    Alarm alarm(*this);
    alarm.set_at(now_ - milliseconds(10'000));
    pass(milliseconds(50));
    EXPECT_EQ(alarm.rang.size(), 1U);
}

TEST_F(DeadlineTest, AWorkerThatWasLateFiresEverythingThatIsDue) {
    Alarm first(*this), second(*this), not_yet(*this);
    first.set(milliseconds(100));
    second.set(milliseconds(2'000));
    not_yet.set(milliseconds(10'000));
    now_ += milliseconds(5'000);
    wheel_.advance(now_);
    EXPECT_EQ(first.rang.size(), 1U);
    EXPECT_EQ(second.rang.size(), 1U);
    EXPECT_TRUE(not_yet.rang.empty());
    pass(milliseconds(6'000));
    EXPECT_EQ(not_yet.rang.size(), 1U);
}

TEST_F(DeadlineTest, MayBeSetAgainAndOthersMayGoWhileItFires) {
    auto gone = std::make_unique<Alarm>(*this);
    Alarm alarm(*this), neighbour(*this);
    gone->set(milliseconds(100));
    neighbour.set(milliseconds(100));
    alarm.set(milliseconds(100));
    int again = 3;
    alarm.then = [&] {
        gone.reset();
        if (--again > 0) alarm.set(milliseconds(100));
    };
    pass(milliseconds(2'000));
    EXPECT_EQ(alarm.rang.size(), 3U);
    EXPECT_EQ(neighbour.rang.size(), 1U);
}

TEST_F(DeadlineTest, OneThatIsDestroyedNeverFires) {
    {
        Alarm alarm(*this);
        alarm.set(milliseconds(100));
    }
    pass(milliseconds(200));
}

TEST_F(DeadlineTest, FiresLikeAPlainListWhateverIsSet) {
    std::mt19937 random(42);
    std::vector<std::unique_ptr<Alarm>> alarms;
    std::vector<Clock::time_point> due;
    for (int i = 0; i < 50; ++i) {
        alarms.push_back(std::make_unique<Alarm>(*this));
        due.push_back(Clock::time_point::max());
    }
    for (int step = 0; step < 20'000; ++step) {
        const std::size_t i = random() % alarms.size();
        if (random() % 10 == 0) {
            alarms[i]->clear();
            due[i] = Clock::time_point::max();
        } else {
            const milliseconds after(random() % (random() % 20 == 0 ? 300'000U : 2'000U));
            alarms[i]->set(after);
            due[i] = now_ + after;
        }
        pass(DeadlineWheel::kTick);
        for (std::size_t k = 0; k < alarms.size(); ++k) {
            if (alarms[k]->rang.empty()) {
                ASSERT_GT(due[k], now_ - DeadlineWheel::kTick) << "it is late";
                continue;
            }
            ASSERT_EQ(alarms[k]->rang.size(), 1U);
            ASSERT_LE(due[k], now_) << "it is early";
            alarms[k]->rang.clear();
            due[k] = Clock::time_point::max();
        }
    }
}

}  // namespace
}  // namespace kwikgate::gateway::net
