#include "auth/replay_guard.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tests/auth/replay_use.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = ReplayGuard::Verdict;

TEST(ReplayGuard, AcceptsANonceOnce) {
    ReplayGuard guard(100, kWindow);
    EXPECT_EQ(use(guard, "a", kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, "a", kStart), Verdict::replayed);
    EXPECT_EQ(use(guard, "a", kStart + seconds(200)), Verdict::replayed);
    EXPECT_EQ(use(guard, "b", kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, "a", kStart, "KEY8"), Verdict::fresh);
    EXPECT_EQ(use(guard, "8a", kStart, "KEY"), Verdict::fresh) << "the same bytes in all";
    EXPECT_EQ(use(guard, "", kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, std::string(128, 'x'), kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, std::string(127, 'x'), kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, std::string(5000, 'x'), kStart), Verdict::fresh);
    EXPECT_EQ(guard.size(), 8U);
}

TEST(ReplayGuard, LooksWithoutLeavingAnything) {
    ReplayGuard guard(100, kWindow);
    const Timestamp last = kStart + seconds(300);
    const Hash128 nonce = guard.identify(kToken, "a");
    EXPECT_FALSE(guard.holds(nonce, kStart));
    EXPECT_FALSE(guard.holds(nonce, kStart)) << "the first look used nothing up";
    EXPECT_EQ(guard.size(), 0U);
    ASSERT_EQ(record(guard, kToken, "a", kStart, last, kStart), Verdict::fresh);
    EXPECT_TRUE(guard.holds(nonce, kStart));
    EXPECT_TRUE(guard.holds(nonce, last));
    EXPECT_FALSE(guard.holds(nonce, last + milliseconds(1))) << "its signature is over";
    EXPECT_FALSE(guard.holds(guard.identify("KEY8", "a"), kStart));
    guard.distrust_created_until(last);
    EXPECT_FALSE(guard.holds(guard.identify(kToken, "b"), kStart)) << "only what was used";
}

TEST(ReplayGuard, GivesOneOfManyThreadsTheNonce) {
    ReplayGuard guard(10'000, kWindow);
    for (int round = 0; round < 20; ++round) {
        const std::string nonce = "nonce-" + std::to_string(round);
        std::atomic<int> fresh{0}, replayed{0};
        std::atomic<bool> go{false};
        std::vector<std::thread> threads;
        threads.reserve(64);
        for (int i = 0; i < 64; ++i)
            threads.emplace_back([&] {
                while (!go.load()) std::this_thread::yield();
                const Verdict verdict = use(guard, nonce, kStart);
                ++(verdict == Verdict::fresh ? fresh : replayed);
            });
        go = true;
        for (std::thread& thread : threads) thread.join();
        EXPECT_EQ(fresh, 1);
        EXPECT_EQ(replayed, 63);
    }
}

TEST(ReplayGuard, ForgetsNothingBeforeItsTimeAndAllOfItAfter) {
    ReplayGuard guard(1000, kWindow);
    const Timestamp last = kStart + seconds(300);
    ASSERT_EQ(record(guard, kToken, "a", kStart, last, kStart), Verdict::fresh);
    for (Timestamp now = kStart; now <= last; now += milliseconds(997)) {
        EXPECT_EQ(record(guard, kToken, "a", kStart, last, now), Verdict::replayed);
        use(guard, "other at " + std::to_string(now.time_since_epoch().count()), now);
    }
    EXPECT_EQ(record(guard, kToken, "a", kStart, last, last), Verdict::replayed);
    const Timestamp later = last + seconds(30);
    for (int i = 0; i < 200; ++i) use(guard, "fill " + std::to_string(i), later);
    EXPECT_EQ(use(guard, "a", later), Verdict::fresh) << "a new signature may use the nonce again";
    EXPECT_EQ(record(guard, kToken, "gone", kStart, last, later), Verdict::state_lost)
        << "what was forgotten is never taken for fresh";
}

TEST(ReplayGuard, RefusesWhenFullAndTakesMoreWhenTimeHasPassed) {
    ReplayGuard guard(100, kWindow);
    std::size_t taken = 0;
    while (use(guard, "n" + std::to_string(taken), kStart) == Verdict::fresh) ++taken;
    EXPECT_EQ(taken, guard.capacity());
    EXPECT_GE(taken, 100U);
    EXPECT_EQ(use(guard, "one more", kStart + seconds(299)), Verdict::table_full);
    for (std::size_t i = 0; i < taken; ++i)
        EXPECT_EQ(use(guard, "n" + std::to_string(i), kStart + seconds(1)), Verdict::replayed);
    const Timestamp later = kStart + seconds(310);
    for (std::size_t i = 0; i < taken; ++i)
        EXPECT_EQ(use(guard, "m" + std::to_string(i), later), Verdict::fresh) << i;
    EXPECT_EQ(use(guard, "one more", later), Verdict::table_full);
}

TEST(ReplayGuard, HoldsAtLeastWhatWasAskedFor) {
    for (const std::size_t entries : {1U, 10U, 1000U, 20'000U}) {
        ReplayGuard guard(entries, kWindow);
        for (std::size_t i = 0; i < entries; ++i)
            ASSERT_EQ(use(guard, "n" + std::to_string(i), kStart), Verdict::fresh) << i;
    }
}

/// Pages of this process that are in memory.
std::size_t resident_pages() {
    std::ifstream statm("/proc/self/statm");
    std::size_t all = 0, resident = 0;
    statm >> all >> resident;
    return resident;
}

TEST(ReplayGuard, TakesMemoryAsItFillsNotWhenItIsMade) {
    constexpr std::size_t kEntries = 10'000'000;
    const std::size_t before = resident_pages();
    ReplayGuard guard(kEntries, kWindow);
    EXPECT_EQ(use(guard, "first", kStart), Verdict::fresh);
    const std::size_t taken = (resident_pages() - before) * 4096;
    // The address sanitizer takes an eighth for itself, the thread sanitizer as much again.
    constexpr std::size_t kTable = kEntries * 40;
    EXPECT_LT(taken, KWIKGATE_SHADOWS * kTable + kTable / 4);
}

TEST(ReplayGuard, AgreesWithATableThatForgetsNothing) {
    // A map with everything in it is the model; time runs on, jumps, and stands still.
    ReplayGuard guard(100'000, kWindow);
    std::unordered_map<std::string, Timestamp> model;
    std::mt19937 random(11);
    Timestamp now = kStart;
    int replayed = 0;
    for (int i = 0; i < 60'000; ++i) {
        if (random() % 4 == 0) now += milliseconds(random() % 200);
        if (random() % 20'000 == 0) now += seconds(random() % 1000);
        const std::string nonce = "n" + std::to_string(random() % 20'000);
        const Timestamp created = now - milliseconds(random() % 300'000);
        const Timestamp until = created + seconds(300);
        const auto known = model.find(nonce);
        const bool is_replay = known != model.end() && known->second >= now;
        const Verdict verdict = record(guard, kToken, nonce, created, until, now);
        ASSERT_EQ(verdict, is_replay ? Verdict::replayed : Verdict::fresh) << i;
        replayed += is_replay ? 1 : 0;
        if (!is_replay) model[nonce] = until;
    }
    EXPECT_GT(replayed, 1000);
}

TEST(ReplayGuard, KeepsWhatLivesLongerThanTheWindow) {
    ReplayGuard guard(100, seconds(10));
    const Timestamp last = kStart + seconds(600);
    ASSERT_EQ(record(guard, kToken, "long", kStart, last, kStart), Verdict::fresh);
    for (Timestamp now = kStart; now <= last; now += milliseconds(1300)) {
        record(guard, kToken, "short " + std::to_string(now.time_since_epoch().count()), now,
               now + seconds(5), now);
        ASSERT_EQ(record(guard, kToken, "long", kStart, last, now), Verdict::replayed);
    }
    EXPECT_LT(guard.size(), 50U) << "what is over was given back on the way";
}

TEST(ReplayGuard, IsNotFooledByAClockThatIsSetBack) {
    ReplayGuard guard(100, kWindow);
    const Timestamp until = kStart + seconds(300);
    ASSERT_EQ(record(guard, kToken, "a", kStart, until, kStart), Verdict::fresh);
    for (int i = 0; i < 50; ++i) use(guard, "jump " + std::to_string(i), kStart + seconds(4000));
    EXPECT_NE(record(guard, kToken, "a", kStart, until, kStart + seconds(10)), Verdict::fresh);
}

TEST(ReplayGuard, KeepsWhatMayBeGoodAgainWhenTheClockIsSetBackALittle) {
    ReplayGuard guard(100, seconds(10));  // Slices of 250 ms, over after 1 s more.
    ASSERT_EQ(record(guard, kToken, "a", kStart, kStart, kStart), Verdict::fresh);
    // Used again before the slice was drained: it hangs there, and is good for longer.
    const Timestamp until = kStart + milliseconds(1500);
    ASSERT_EQ(record(guard, kToken, "a", kStart, until, kStart + milliseconds(10)), Verdict::fresh);
    const Timestamp later = kStart + seconds(2);  // The slice is over, what hangs there is not.
    for (int i = 0; i < 10; ++i) use(guard, "drain " + std::to_string(i), later);
    EXPECT_EQ(record(guard, kToken, "a", kStart, until, until - milliseconds(100)),
              Verdict::replayed);
}

TEST(ReplayGuard, DistrustsSignaturesOfATimeItKnowsNothingOf) {
    ReplayGuard guard(100, kWindow);
    guard.distrust_created_until(kStart);
    guard.distrust_created_until(kStart - seconds(100));
    EXPECT_EQ(guard.distrusted_until(), kStart) << "only ever moves forward";
    const Timestamp until = kStart + seconds(300);
    EXPECT_EQ(record(guard, kToken, "a", kStart - seconds(1), until, kStart), Verdict::state_lost);
    EXPECT_EQ(record(guard, kToken, "a", kStart, until, kStart), Verdict::state_lost);
    EXPECT_EQ(record(guard, kToken, "a", kStart + seconds(1), until, kStart), Verdict::fresh);
}

}  // namespace
}  // namespace kwikgate::auth
