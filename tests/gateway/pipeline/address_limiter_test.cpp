#include "gateway/pipeline/address_limiter.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace kwikgate::gateway {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kStart = 1000 * kSecond;

store::IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d}};
}

store::IpAddress v6(std::uint8_t subnet, std::uint8_t host) {
    return {{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, subnet, 0, 0, 0, 0, 0, 0, 0, host}};
}

AddressLimitConfig limit(std::uint32_t per_minute, std::uint32_t burst) {
    AddressLimitConfig config;
    config.failures_per_minute = per_minute;
    config.burst = burst;
    config.table_entries = 1024;
    return config;
}

/// Failures until `check` refuses, at most `attempts`.
int failures_until_refused(AddressLimiter& limiter, const store::IpAddress& address,
                           std::uint64_t now, int attempts) {
    for (int made = 0; made < attempts; ++made) {
        if (!limiter.check(address, now).allowed) return made;
        limiter.record_failure(address, now);
    }
    return attempts;
}

TEST(AddressLimiter, RefusesAfterTheBurstOfFailures) {
    AddressLimiter limiter(limit(60, 20));
    EXPECT_EQ(limiter.check(v4(192, 0, 2, 1), kStart).remaining, 20U);
    EXPECT_EQ(failures_until_refused(limiter, v4(192, 0, 2, 1), kStart, 100), 20);
    const RateVerdict refused = limiter.check(v4(192, 0, 2, 1), kStart);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after_seconds, 1U);
    EXPECT_TRUE(limiter.check(v4(192, 0, 2, 2), kStart).allowed);
}

TEST(AddressLimiter, CountsClaimedKeysApartAndNobodyWhoClaimsNone) {
    AddressLimiter limiter(limit(60, 3));
    const auto fail = [&](std::string_view key) {
        int made = 0;
        for (; made < 10 && limiter.check_key(key, kStart).allowed; ++made)
            limiter.record_key_failure(key, kStart);
        return made;
    };
    EXPECT_EQ(fail("kwk_live_ak_one"), 3);
    EXPECT_EQ(fail("kwk_live_ak_two"), 3) << "one key must not lock another out";
    EXPECT_EQ(fail(""), 10) << "there is nothing to guess without a key";
    EXPECT_TRUE(limiter.check({}, kStart).allowed) << "keys are no addresses";
    EXPECT_TRUE(limiter.check_key("kwk_live_ak_one", kStart + kSecond).allowed);
    AddressLimitConfig off = limit(60, 1);
    off.enabled = false;
    AddressLimiter unlimited(off);
    unlimited.record_key_failure("a", kStart);
    unlimited.record_key_failure("a", kStart);
    EXPECT_TRUE(unlimited.check_key("a", kStart).allowed);
}

TEST(AddressLimiter, LetsOneMoreFailPerIntervalAndAllAfterAnIdleTime) {
    AddressLimiter limiter(limit(6, 3));  // One in 10 s.
    const auto address = v4(192, 0, 2, 1);
    ASSERT_EQ(failures_until_refused(limiter, address, kStart, 10), 3);
    EXPECT_EQ(limiter.check(address, kStart).retry_after_seconds, 10U);
    EXPECT_FALSE(limiter.check(address, kStart + 9 * kSecond).allowed);
    EXPECT_EQ(failures_until_refused(limiter, address, kStart + 10 * kSecond, 10), 1);
    EXPECT_EQ(failures_until_refused(limiter, address, kStart + 100 * kSecond, 10), 3);
}

TEST(AddressLimiter, DoesNotPunishBeyondAFullBucket) {
    AddressLimiter limiter(limit(60, 5));
    const auto address = v4(192, 0, 2, 1);
    for (int i = 0; i < 1000; ++i) limiter.record_failure(address, kStart);
    EXPECT_FALSE(limiter.check(address, kStart).allowed);
    EXPECT_TRUE(limiter.check(address, kStart + kSecond).allowed);
}

TEST(AddressLimiter, CountsAnIpv6SubnetAsOneClientAndAnIpv4AddressWhole) {
    AddressLimiter limiter(limit(60, 4));
    ASSERT_EQ(failures_until_refused(limiter, v6(1, 1), kStart, 10), 4);
    EXPECT_FALSE(limiter.check(v6(1, 99), kStart).allowed);
    EXPECT_TRUE(limiter.check(v6(2, 1), kStart).allowed);
    ASSERT_EQ(failures_until_refused(limiter, v4(10, 0, 0, 1), kStart, 10), 4);
    EXPECT_TRUE(limiter.check(v4(10, 0, 0, 2), kStart).allowed);
}

TEST(AddressLimiter, SparesExemptRanges) {
    AddressLimitConfig config = limit(60, 2);
    config.exempt.push_back({v4(10, 0, 0, 0), 96 + 8});
    AddressLimiter limiter(config);
    EXPECT_EQ(failures_until_refused(limiter, v4(10, 9, 8, 7), kStart, 50), 50);
    EXPECT_EQ(failures_until_refused(limiter, v4(11, 9, 8, 7), kStart, 50), 2);
}

TEST(AddressLimiter, AllowsEverythingWhenDisabled) {
    AddressLimitConfig config = limit(60, 2);
    config.enabled = false;
    AddressLimiter limiter(config);
    EXPECT_EQ(failures_until_refused(limiter, v4(10, 9, 8, 7), kStart, 50), 50);
}

TEST(AddressLimiter, StaysBoundedAndKeepsTheBusiestWhenTheTableIsFull) {
    AddressLimitConfig config = limit(60, 20);
    config.table_entries = 8;  // One bucket.
    AddressLimiter limiter(config);
    const auto attacker = v4(203, 0, 113, 9);
    ASSERT_EQ(failures_until_refused(limiter, attacker, kStart, 100), 20);
    for (int i = 0; i < 200; ++i)
        limiter.record_failure(v4(10, 0, 0, static_cast<std::uint8_t>(i)), kStart);
    EXPECT_FALSE(limiter.check(attacker, kStart).allowed);
}

TEST(AddressLimiter, ReusesIdleEntries) {
    AddressLimitConfig config = limit(60, 2);
    config.table_entries = 8;
    AddressLimiter limiter(config);
    for (std::uint8_t i = 0; i < 8; ++i)
        ASSERT_EQ(failures_until_refused(limiter, v4(10, 0, 0, i), kStart, 10), 2);
    const std::uint64_t later = kStart + 3600 * kSecond;
    for (std::uint8_t i = 100; i < 108; ++i)
        ASSERT_EQ(failures_until_refused(limiter, v4(10, 0, 0, i), later, 10), 2);
    for (std::uint8_t i = 100; i < 108; ++i)
        EXPECT_FALSE(limiter.check(v4(10, 0, 0, i), later).allowed);
}

TEST(AddressLimiter, CountsEveryFailureOfSeveralThreads) {
    AddressLimiter limiter(limit(1, 400));
    const auto address = v4(192, 0, 2, 1);
    limiter.record_failure(address, kStart);
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&limiter, address, t] {
            for (int i = 0; i < 50; ++i) {
                limiter.record_failure(address, kStart);
                limiter.record_failure(v4(10, 0, static_cast<std::uint8_t>(t), 1), kStart);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(limiter.check(address, kStart).remaining, 400U - 201U);
}

}  // namespace
}  // namespace kwikgate::gateway
