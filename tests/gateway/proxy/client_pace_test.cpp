#include "gateway/proxy/client_pace.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway::proxy {
namespace {

using namespace std::chrono_literals;

constexpr ClientPace::Time kStart{std::chrono::hours(1)};

ClientPace pace(std::size_t rate = 1024) {
    ClientPace made;
    made.start(rate, 10s, 30s);
    return made;
}

TEST(ClientPace, AClientThatSendsNothingHasItsFirstSeconds) {
    ClientPace client = pace();
    EXPECT_EQ(client.wait(kStart), kStart + 10s);
    client.rest(kStart + 9900ms);
    EXPECT_FALSE(client.is_too_slow());
    EXPECT_EQ(client.wait(kStart + 9900ms), kStart + 10s);
    client.rest(kStart + 10s);
    EXPECT_TRUE(client.is_too_slow());
}

TEST(ClientPace, ADripIsTooSlow) {
    ClientPace client = pace();
    auto now = kStart;
    std::uint64_t moved = 0;
    int waits = 0;
    while (!client.is_too_slow()) {
        client.wait(now);
        now += 1s;
        client.rest(now);
        client.note_moved(moved += 100);  // A tenth of the rate.
        ASSERT_LT(++waits, 100);
    }
    EXPECT_GE(now, kStart + 10s);
    EXPECT_LE(now, kStart + 13s);
}

TEST(ClientPace, TheRateIsEnough) {
    ClientPace client = pace();
    auto now = kStart;
    for (std::uint64_t moved = 1100; moved < 1100 * 10'000; moved += 1100) {
        client.wait(now);
        now += 1s;
        client.rest(now);
        client.note_moved(moved);
        ASSERT_FALSE(client.is_too_slow()) << moved;
    }
}

TEST(ClientPace, WhatMovedFastEarnsAPauseUpToABound) {
    ClientPace client = pace();
    client.note_moved(5 * 1024);
    EXPECT_EQ(client.wait(kStart), kStart + 15s);
    client.rest(kStart);
    client.note_moved(std::uint64_t{1} << 40U);
    EXPECT_EQ(client.wait(kStart), kStart + 30s);
    client.note_moved(1);  // Less than before is nothing new.
    EXPECT_EQ(client.wait(kStart), kStart + 30s);
}

TEST(ClientPace, OnlyWaitingForItCounts) {
    ClientPace client = pace();
    client.wait(kStart);
    client.rest(kStart + 4s);
    client.rest(kStart + 400s);  // The upstream was waited for.
    EXPECT_EQ(client.wait(kStart + 500s), kStart + 506s);
}

TEST(ClientPace, AskingAgainGivesNoMoreTime) {
    ClientPace client = pace();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(client.wait(kStart + i * 50ms), kStart + 10s);
}

TEST(ClientPace, WithoutARateItMayTakeForEver) {
    ClientPace client = pace(0);
    EXPECT_EQ(client.wait(kStart), ClientPace::Time::max());
    client.rest(kStart + 1000h);
    EXPECT_FALSE(client.is_too_slow());
}

TEST(ClientPace, StartsAnew) {
    ClientPace client = pace();
    client.wait(kStart);
    client.rest(kStart + 20s);
    EXPECT_TRUE(client.is_too_slow());
    client.start(1024, 10s, 30s);
    EXPECT_EQ(client.wait(kStart + 20s), kStart + 30s);
}

}  // namespace
}  // namespace kwikgate::gateway::proxy
