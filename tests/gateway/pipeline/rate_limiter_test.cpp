#include "gateway/pipeline/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kwikgate::gateway {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kStart = 1000 * kSecond;

store::TokenNumber token(std::uint32_t number) {
    return static_cast<store::TokenNumber>(number);
}

int count_allowed(RateLimiter& limiter, store::TokenNumber who, store::RateLimit limit,
                  std::uint64_t now, int attempts) {
    int allowed = 0;
    for (int i = 0; i < attempts; ++i) allowed += limiter.take(who, limit, now).allowed ? 1 : 0;
    return allowed;
}

TEST(RateLimiter, LetsTheBurstPassAtOnceAndNoMore) {
    for (const std::uint32_t burst : {1U, 2U, 7U, 100U, 10'000U}) {
        RateLimiter limiter;
        EXPECT_EQ(count_allowed(limiter, token(1), {100, burst}, kStart, 20'000),
                  static_cast<int>(burst));
    }
}

TEST(RateLimiter, CountsDownWhatIsLeft) {
    RateLimiter limiter;
    for (std::uint32_t left = 5; left-- > 0;) {
        const RateVerdict verdict = limiter.take(token(1), {10, 5}, kStart);
        EXPECT_TRUE(verdict.allowed);
        EXPECT_EQ(verdict.remaining, left);
        EXPECT_EQ(verdict.retry_after_seconds, 0U);
    }
    const RateVerdict refused = limiter.take(token(1), {10, 5}, kStart);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.remaining, 0U);
    EXPECT_EQ(refused.retry_after_seconds, 1U);
}

TEST(RateLimiter, SustainsTheRateAfterTheBurst) {
    RateLimiter limiter;
    const store::RateLimit limit{100, 20};
    ASSERT_EQ(count_allowed(limiter, token(1), limit, kStart, 50), 20);
    int allowed = 0;
    for (std::uint64_t ms = 1; ms <= 10'000; ++ms)
        allowed += limiter.take(token(1), limit, kStart + ms * 1'000'000).allowed ? 1 : 0;
    EXPECT_EQ(allowed, 1000);
}

TEST(RateLimiter, NeverExceedsARateThatDoesNotDivideASecond) {
    RateLimiter limiter;
    int allowed = 0;
    for (std::uint64_t ms = 0; ms < 100'000; ++ms)
        allowed += limiter.take(token(1), {7, 1}, kStart + ms * 1'000'000).allowed ? 1 : 0;
    EXPECT_LE(allowed, 701);
    EXPECT_GE(allowed, 690);
}

TEST(RateLimiter, SaysWhenTheNextOnePasses) {
    RateLimiter limiter;
    const store::RateLimit one_a_second{1, 3};
    ASSERT_EQ(count_allowed(limiter, token(1), one_a_second, kStart, 10), 3);
    const RateVerdict refused = limiter.take(token(1), one_a_second, kStart + kSecond / 2);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after_seconds, 1U);
    EXPECT_TRUE(limiter.take(token(1), one_a_second, kStart + kSecond).allowed);
}

TEST(RateLimiter, KeepsTokensApart) {
    RateLimiter limiter;
    const store::RateLimit limit{1, 2};
    for (const std::uint32_t number : {0U, 1U, 4095U, 4096U, 4'194'304U, 0xffffffffU})
        EXPECT_EQ(count_allowed(limiter, token(number), limit, kStart, 5), 2) << number;
}

TEST(RateLimiter, FillsUpAgainWhileIdle) {
    RateLimiter limiter;
    const store::RateLimit limit{10, 5};
    EXPECT_EQ(count_allowed(limiter, token(1), limit, kStart, 9), 5);
    EXPECT_EQ(count_allowed(limiter, token(1), limit, kStart + 100 * kSecond, 9), 5);
}

TEST(RateLimiter, ForgivesASmallStepBackOfTheClock) {
    RateLimiter limiter;
    const store::RateLimit limit{10, 5};
    EXPECT_EQ(count_allowed(limiter, token(1), limit, kStart, 9), 5);
    EXPECT_EQ(count_allowed(limiter, token(1), limit, kStart - 1'000'000, 9), 0);
}

TEST(RateLimiter, ARaisedLimitCountsAtOnce) {
    RateLimiter limiter;
    ASSERT_EQ(count_allowed(limiter, token(1), {1, 100}, kStart, 200), 100);
    // 100 s of debt under the old limit; the new one holds 1 s at most.
    EXPECT_EQ(count_allowed(limiter, token(1), {100, 100}, kStart, 10), 0);
    EXPECT_EQ(count_allowed(limiter, token(1), {100, 100}, kStart + kSecond, 200), 100);
}

TEST(RateLimiter, ARateOfZeroAdmitsNothingAndABurstOfZeroOneAtATime) {
    RateLimiter limiter;
    EXPECT_FALSE(limiter.take(token(1), {0, 10}, kStart).allowed);
    EXPECT_EQ(count_allowed(limiter, token(2), {10, 0}, kStart, 10), 1);
}

TEST(RateLimiter, IsExactUnderContention) {
    for (int round = 0; round < 20; ++round) {
        RateLimiter limiter;
        constexpr int kThreads = 8;
        std::vector<int> allowed(kThreads, 0);
        std::vector<std::thread> threads;
        threads.reserve(kThreads);
        for (int t = 0; t < kThreads; ++t) {
            threads.emplace_back([&limiter, &allowed, t] {
                allowed[static_cast<std::size_t>(t)] =
                    count_allowed(limiter, token(70'000), {100, 500}, kStart, 200);
            });
        }
        for (std::thread& thread : threads) thread.join();
        int total = 0;
        for (const int count : allowed) total += count;
        EXPECT_EQ(total, 500);
    }
}

}  // namespace
}  // namespace kwikgate::gateway
