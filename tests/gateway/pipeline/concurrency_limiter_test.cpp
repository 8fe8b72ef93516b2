#include "gateway/pipeline/concurrency_limiter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "gateway/pipeline/request_context.hpp"

namespace kwikgate::gateway {
namespace {

constexpr auto kShop = static_cast<store::TokenNumber>(7);
constexpr auto kOther = static_cast<store::TokenNumber>(4096 * 1024 + 7);

TEST(ConcurrencyLimiter, LetsSoManyInAndNoMore) {
    ConcurrencyLimiter limiter;
    std::array<ConcurrencyPlace, 4> places;
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(limiter.take(kShop, 3, places[i]));
    EXPECT_FALSE(limiter.take(kShop, 3, places[3]));
    EXPECT_FALSE(places[3].is_held());
    EXPECT_TRUE(limiter.take(kOther, 1, places[3]));  // Each token has a count of its own.
    places[1].release();
    EXPECT_TRUE(limiter.take(kShop, 3, places[1]));
}

TEST(ConcurrencyLimiter, APlaceComesBackHoweverItGoes) {
    ConcurrencyLimiter limiter;
    ConcurrencyPlace probe;
    {
        ConcurrencyPlace place;
        EXPECT_TRUE(limiter.take(kShop, 1, place));
        EXPECT_FALSE(limiter.take(kShop, 1, probe));
    }
    EXPECT_TRUE(limiter.take(kShop, 1, probe));
    probe.release();
    probe.release();  // Only once.
    ConcurrencyPlace again;
    EXPECT_TRUE(limiter.take(kShop, 1, again));
    EXPECT_FALSE(limiter.take(kShop, 1, probe));
    EXPECT_TRUE(limiter.take(kShop, 1, again));  // The one it had comes back first.

    RequestContext context;
    EXPECT_TRUE(limiter.take(kOther, 1, context.place));
    context.clear();
    EXPECT_TRUE(limiter.take(kOther, 1, probe));
}

TEST(ConcurrencyLimiter, WithoutACapNothingIsCounted) {
    ConcurrencyLimiter limiter;
    std::array<ConcurrencyPlace, 100> places;
    for (ConcurrencyPlace& place : places) {
        EXPECT_TRUE(limiter.take(kShop, 0, place));
        EXPECT_FALSE(place.is_held());
    }
    ConcurrencyPlace first;
    EXPECT_TRUE(limiter.take(kShop, 1, first));
}

TEST(ConcurrencyLimiter, ALowerCapCountsThoseThatAreUnderWay) {
    ConcurrencyLimiter limiter;
    std::array<ConcurrencyPlace, 4> places;
    for (ConcurrencyPlace& place : places) EXPECT_TRUE(limiter.take(kShop, 4, place));
    ConcurrencyPlace next;
    EXPECT_FALSE(limiter.take(kShop, 2, next));
    for (std::size_t i = 0; i < 3; ++i) places[i].release();
    EXPECT_TRUE(limiter.take(kShop, 2, next));
}

TEST(ConcurrencyLimiter, IsExactUnderContention) {
    ConcurrencyLimiter limiter;
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    std::atomic<int> taken{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 20'000; ++i) {
                ConcurrencyPlace place;
                if (!limiter.take(kShop, 3, place)) continue;
                const int now = ++inside;
                int seen = most.load();
                while (now > seen && !most.compare_exchange_weak(seen, now)) {
                }
                ++taken;
                --inside;
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_LE(most.load(), 3);
    EXPECT_GT(taken.load(), 0);
    std::array<ConcurrencyPlace, 3> all;
    for (ConcurrencyPlace& place : all) EXPECT_TRUE(limiter.take(kShop, 3, place));
}

}  // namespace
}  // namespace kwikgate::gateway
