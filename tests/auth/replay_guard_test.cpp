#include "auth/replay_guard.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tests/auth/temporary_directory.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = ReplayGuard::Verdict;
using LoadOutcome = ReplayGuard::LoadOutcome;

constexpr milliseconds kWindow{330'000};
constexpr Timestamp kStart{milliseconds(1'800'000'000'000)};
constexpr auto kToken = static_cast<TokenNumber>(7);

/// A signature made at `now` and good for five minutes.
Verdict use(ReplayGuard& guard, std::string_view nonce, Timestamp now, TokenNumber token = kToken) {
    return guard.record(token, nonce, now, now + seconds(300), now);
}

TEST(ReplayGuard, AcceptsANonceOnce) {
    ReplayGuard guard(100, kWindow);
    EXPECT_EQ(use(guard, "a", kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, "a", kStart), Verdict::replayed);
    EXPECT_EQ(use(guard, "a", kStart + seconds(200)), Verdict::replayed);
    EXPECT_EQ(use(guard, "b", kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, "a", kStart, static_cast<TokenNumber>(8)), Verdict::fresh);
    EXPECT_EQ(use(guard, "", kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, std::string(128, 'x'), kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, std::string(127, 'x'), kStart), Verdict::fresh);
    EXPECT_EQ(use(guard, std::string(5000, 'x'), kStart), Verdict::table_full);
    EXPECT_EQ(guard.size(), 6U);
}

TEST(ReplayGuard, GivesOneOfManyThreadsTheNonce) {
    ReplayGuard guard(10'000, kWindow);
    for (int round = 0; round < 20; ++round) {
        const std::string nonce = "nonce-" + std::to_string(round);
        std::atomic<int> fresh{0}, replayed{0};
        std::atomic<bool> go{false};
        std::vector<std::thread> threads;
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
    ASSERT_EQ(guard.record(kToken, "a", kStart, last, kStart), Verdict::fresh);
    for (Timestamp now = kStart; now <= last; now += milliseconds(997)) {
        EXPECT_EQ(guard.record(kToken, "a", kStart, last, now), Verdict::replayed);
        use(guard, "other at " + std::to_string(now.time_since_epoch().count()), now);
    }
    EXPECT_EQ(guard.record(kToken, "a", kStart, last, last), Verdict::replayed);
    const Timestamp later = last + seconds(30);
    for (int i = 0; i < 200; ++i) use(guard, "fill " + std::to_string(i), later);
    EXPECT_EQ(use(guard, "a", later), Verdict::fresh) << "a new signature may use the nonce again";
    EXPECT_EQ(guard.record(kToken, "gone", kStart, last, later), Verdict::state_lost)
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
        const Verdict verdict = guard.record(kToken, nonce, created, until, now);
        ASSERT_EQ(verdict, is_replay ? Verdict::replayed : Verdict::fresh) << i;
        replayed += is_replay ? 1 : 0;
        if (!is_replay) model[nonce] = until;
    }
    EXPECT_GT(replayed, 1000);
}

TEST(ReplayGuard, KeepsWhatLivesLongerThanTheWindow) {
    ReplayGuard guard(100, seconds(10));
    const Timestamp last = kStart + seconds(600);
    ASSERT_EQ(guard.record(kToken, "long", kStart, last, kStart), Verdict::fresh);
    for (Timestamp now = kStart; now <= last; now += milliseconds(1300)) {
        guard.record(kToken, "short " + std::to_string(now.time_since_epoch().count()), now,
                     now + seconds(5), now);
        ASSERT_EQ(guard.record(kToken, "long", kStart, last, now), Verdict::replayed);
    }
    EXPECT_LT(guard.size(), 50U) << "what is over was given back on the way";
}

TEST(ReplayGuard, IsNotFooledByAClockThatIsSetBack) {
    ReplayGuard guard(100, kWindow);
    const Timestamp until = kStart + seconds(300);
    ASSERT_EQ(guard.record(kToken, "a", kStart, until, kStart), Verdict::fresh);
    for (int i = 0; i < 50; ++i) use(guard, "jump " + std::to_string(i), kStart + seconds(4000));
    EXPECT_NE(guard.record(kToken, "a", kStart, until, kStart + seconds(10)), Verdict::fresh);
}

TEST(ReplayGuard, DistrustsSignaturesOfATimeItKnowsNothingOf) {
    ReplayGuard guard(100, kWindow);
    guard.distrust_created_until(kStart);
    guard.distrust_created_until(kStart - seconds(100));
    EXPECT_EQ(guard.distrusted_until(), kStart) << "only ever moves forward";
    const Timestamp until = kStart + seconds(300);
    EXPECT_EQ(guard.record(kToken, "a", kStart - seconds(1), until, kStart), Verdict::state_lost);
    EXPECT_EQ(guard.record(kToken, "a", kStart, until, kStart), Verdict::state_lost);
    EXPECT_EQ(guard.record(kToken, "a", kStart + seconds(1), until, kStart), Verdict::fresh);
}

class ReplayState : public ::testing::Test {
  protected:
    std::filesystem::path file() const { return directory_.path() / "replay.state"; }
    std::string read() const {
        std::ifstream in(file(), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& bytes) const {
        std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
        std::filesystem::permissions(file(), std::filesystem::perms(0600));
    }
    void save_some(int count) const {
        ReplayGuard guard(10'000, kWindow);
        for (int i = 0; i < count; ++i)
            ASSERT_EQ(use(guard, "n" + std::to_string(i), kStart), Verdict::fresh);
        ASSERT_FALSE(guard.save(file(), kStart));
    }
    tests::TemporaryDirectory directory_;
};

TEST_F(ReplayState, SurvivesARestart) {
    save_some(3000);
    struct stat info = {};
    ASSERT_EQ(::stat(file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ReplayGuard guard(10'000, kWindow);
    ASSERT_EQ(guard.load(file(), kStart + seconds(5)), LoadOutcome::loaded);
    for (int i = 0; i < 3000; ++i)
        EXPECT_EQ(use(guard, "n" + std::to_string(i), kStart + seconds(5)), Verdict::replayed);
    EXPECT_EQ(use(guard, "new", kStart + seconds(5)), Verdict::fresh);
    EXPECT_FALSE(std::filesystem::exists(file())) << "a later crash must not find the old state";
    EXPECT_EQ(guard.load(file(), kStart), LoadOutcome::absent);
}

TEST_F(ReplayState, SurvivesSeveralRestartsAndDropsWhatIsOver) {
    save_some(10);
    ReplayGuard second(10'000, kWindow);
    ASSERT_EQ(second.load(file(), kStart), LoadOutcome::loaded);
    ASSERT_EQ(use(second, "second", kStart + seconds(200)), Verdict::fresh);
    ASSERT_FALSE(second.save(file(), kStart + seconds(301)));
    ReplayGuard third(10'000, kWindow);
    ASSERT_EQ(third.load(file(), kStart + seconds(301)), LoadOutcome::loaded);
    EXPECT_EQ(third.size(), 1U);
    EXPECT_EQ(use(third, "second", kStart + seconds(301)), Verdict::replayed);
}

TEST_F(ReplayState, IsNotFooledByAClockThatIsSetBackBetweenTwoProcesses) {
    ReplayGuard first(10'000, kWindow);
    ASSERT_EQ(use(first, "captured", kStart), Verdict::fresh);
    ASSERT_FALSE(first.save(file(), kStart + hours(1)));
    ReplayGuard second(10'000, kWindow);
    const Timestamp back = kStart + seconds(20);
    ASSERT_EQ(second.load(file(), back), LoadOutcome::loaded);
    EXPECT_EQ(second.record(kToken, "captured", kStart, kStart + seconds(300), back),
              Verdict::state_lost);
    EXPECT_EQ(use(second, "new", kStart + hours(1) + seconds(1)), Verdict::fresh);
}

TEST_F(ReplayState, IsNotFooledByAClockThatIsSetBackBeforeTheEnd) {
    ReplayGuard first(10'000, kWindow);
    ASSERT_EQ(use(first, "captured", kStart), Verdict::fresh);
    for (int i = 0; i < 10'000; ++i)
        use(first, "ahead " + std::to_string(i), kStart + hours(1) + seconds(i));
    ASSERT_FALSE(first.save(file(), kStart + seconds(20)));
    ReplayGuard second(10'000, kWindow);
    ASSERT_EQ(second.load(file(), kStart + seconds(25)), LoadOutcome::loaded);
    EXPECT_EQ(
        second.record(kToken, "captured", kStart, kStart + seconds(300), kStart + seconds(25)),
        Verdict::state_lost);
}

TEST_F(ReplayState, RefusesAFileWithAnyBitChangedOrMissing) {
    save_some(3);
    const std::string good = read();
    ReplayGuard guard(100, kWindow);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] ^= static_cast<char>(1U << (bit % 8));
        write(bad);
        ASSERT_EQ(guard.load(file(), kStart), LoadOutcome::damaged) << bit;
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        write(good.substr(0, size));
        ASSERT_EQ(guard.load(file(), kStart), LoadOutcome::damaged) << size;
    }
    write(good + "x");
    EXPECT_EQ(guard.load(file(), kStart), LoadOutcome::damaged);
    EXPECT_EQ(guard.size(), 0U);
    write(good);
    EXPECT_EQ(guard.load(file(), kStart), LoadOutcome::loaded);
}

TEST_F(ReplayState, RefusesAFileThatOthersCanTouchOrThatIsNoFile) {
    save_some(3);
    for (const unsigned mode : {0640U, 0604U, 0620U, 0660U}) {
        std::filesystem::permissions(file(), std::filesystem::perms(mode));
        ReplayGuard guard(100, kWindow);
        EXPECT_EQ(guard.load(file(), kStart), LoadOutcome::permissions) << mode;
    }
    ReplayGuard guard(100, kWindow);
    const auto link = directory_.path() / "link";
    std::filesystem::permissions(file(), std::filesystem::perms(0600));
    std::filesystem::create_symlink(file(), link);
    EXPECT_EQ(guard.load(link, kStart), LoadOutcome::unreadable);
    EXPECT_EQ(guard.load(directory_.path(), kStart), LoadOutcome::damaged);
    EXPECT_EQ(guard.load(directory_.path() / "absent", kStart), LoadOutcome::absent);
}

TEST_F(ReplayState, RefusesMoreThanTheTableHolds) {
    save_some(3000);
    ReplayGuard small(100, kWindow);
    EXPECT_EQ(small.load(file(), kStart), LoadOutcome::too_many);
}

TEST_F(ReplayState, SaysWhyItCannotBeSaved) {
    ReplayGuard guard(100, kWindow);
    EXPECT_TRUE(guard.save(directory_.path() / "absent" / "file", kStart));
    std::filesystem::create_directory(file());
    EXPECT_TRUE(guard.save(file(), kStart));
    EXPECT_FALSE(std::filesystem::exists(file().string() + ".new"));
}

}  // namespace
}  // namespace kwikgate::auth
