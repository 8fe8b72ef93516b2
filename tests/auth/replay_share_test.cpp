#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "auth/replay_guard.hpp"
#include "tests/auth/replay_use.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = ReplayGuard::Verdict;

constexpr store::TokenNumber kGreedy{1};
constexpr store::TokenNumber kOther{5000};

/// Writes of tokens that may each take a part of one table.
class ReplayShare : public ::testing::Test {
  protected:
    Verdict write(store::TokenNumber owner, const std::string& nonce, Timestamp now = kStart) {
        const std::string key = "KEY" + std::to_string(static_cast<unsigned>(owner));
        return record(guard_, key, nonce, now, now + seconds(300), now, owner, most_);
    }
    /// As many writes with fresh nonces as pass.
    int fill(store::TokenNumber owner, Timestamp now = kStart) {
        int passed = 0;
        while (write(owner, std::to_string(++nonces_), now) == Verdict::fresh) ++passed;
        return passed;
    }

    ReplayGuard guard_{1000, kWindow};
    std::size_t most_ = 500;
    int nonces_ = 0;
};

TEST_F(ReplayShare, OneTokenGetsItsShareAndNoMore) {
    EXPECT_EQ(fill(kGreedy), 500);
    EXPECT_EQ(write(kGreedy, "more"), Verdict::share_used);
    EXPECT_EQ(write(kGreedy, "1"), Verdict::replayed) << "what was used stays used";
    EXPECT_EQ(guard_.size_of(kGreedy), 500U);
    EXPECT_EQ(guard_.size(), 500U) << "a refusal leaves nothing";
}

TEST_F(ReplayShare, OthersAreServedAllTheSame) {
    fill(kGreedy);
    for (int i = 0; i < 300; ++i)
        ASSERT_EQ(write(kOther, "n" + std::to_string(i)), Verdict::fresh) << i;
    EXPECT_EQ(guard_.size_of(kOther), 300U);
    EXPECT_EQ(write(kGreedy, "more"), Verdict::share_used);
}

TEST_F(ReplayShare, AShareComesBackWithTime) {
    fill(kGreedy);
    const Timestamp later = kStart + seconds(310);
    EXPECT_EQ(fill(kGreedy, later), 500) << "all of it, in one go";
    EXPECT_EQ(guard_.size_of(kGreedy), 500U);
}

TEST_F(ReplayShare, AFullTableIsNotTheFaultOfATokenWithinItsShare) {
    most_ = 10'000;
    fill(kGreedy);
    most_ = 500;
    // One of two shards may have room: it is some nonce that finds none.
    Verdict verdict = Verdict::fresh;
    for (int i = 0; i < 400 && verdict == Verdict::fresh; ++i)
        verdict = write(kOther, "n" + std::to_string(i));
    EXPECT_EQ(verdict, Verdict::table_full);
    EXPECT_EQ(write(kGreedy, "more"), Verdict::share_used);
}

TEST_F(ReplayShare, AnEntryThatIsUsedAgainCountsForWhoUsesIt) {
    // The same API_KEY under another number: deleted and imported again.
    const Timestamp soon = kStart + milliseconds(300'500);  // Over, and not drained yet.
    ASSERT_EQ(record(guard_, kToken, "a", kStart, kStart + seconds(300), kStart, kGreedy),
              Verdict::fresh);
    ASSERT_EQ(record(guard_, kToken, "a", soon, soon + seconds(300), soon, kOther), Verdict::fresh);
    EXPECT_EQ(guard_.size_of(kGreedy), 0U);
    EXPECT_EQ(guard_.size_of(kOther), 1U);
}

TEST(ReplayShareOfThreads, IsExact) {
    constexpr std::size_t kMost = 2500;
    ReplayGuard guard(20'000, kWindow);  // Of many shards.
    std::atomic<std::size_t> fresh{0};
    std::atomic<bool> go{false};
    std::vector<std::thread> threads;
    for (int number = 0; number < 8; ++number)
        threads.emplace_back([&, number] {
            while (!go.load()) std::this_thread::yield();
            for (int i = 0; i < 1000; ++i) {
                const std::string nonce = std::to_string(number) + "-" + std::to_string(i);
                if (record(guard, kToken, nonce, kStart, kStart + seconds(300), kStart, kGreedy,
                           kMost) == Verdict::fresh)
                    ++fresh;
            }
        });
    go = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(fresh, kMost);
    EXPECT_EQ(guard.size_of(kGreedy), kMost);
    EXPECT_EQ(guard.size(), kMost);
}

}  // namespace
}  // namespace kwikgate::auth
