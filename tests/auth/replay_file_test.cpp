#include "auth/replay_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <string>

#include "auth/signature/sha2.hpp"
#include "tests/auth/replay_use.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using Verdict = ReplayGuard::Verdict;
using LoadOutcome = ReplayGuard::LoadOutcome;

class ReplayFile : public ::testing::Test {
  protected:
    std::filesystem::path file() const { return directory_.path() / "replay.state"; }
    void write(const std::string& bytes) const { tests::write_file(file(), bytes); }
    void save_some(int count) const {
        ReplayGuard guard(10'000, kWindow);
        for (int i = 0; i < count; ++i)
            ASSERT_EQ(use(guard, "n" + std::to_string(i), kStart), Verdict::fresh);
        ASSERT_FALSE(guard.save(file(), kLife, kStart));
    }
    tests::TemporaryDirectory directory_;
};

TEST_F(ReplayFile, SurvivesARestart) {
    save_some(3000);
    struct stat info = {};
    ASSERT_EQ(::stat(file().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
    ReplayGuard guard(10'000, kWindow);
    ASSERT_EQ(guard.load(file(), kLife, kStart + seconds(5)), LoadOutcome::loaded);
    for (int i = 0; i < 3000; ++i)
        EXPECT_EQ(use(guard, "n" + std::to_string(i), kStart + seconds(5)), Verdict::replayed);
    EXPECT_EQ(use(guard, "new", kStart + seconds(5)), Verdict::fresh);
    EXPECT_FALSE(std::filesystem::exists(file())) << "a later crash must not find the old state";
    EXPECT_EQ(guard.load(file(), kLife, kStart), LoadOutcome::absent);
}

TEST_F(ReplayFile, KeepsWhatEachTokenHolds) {
    constexpr store::TokenNumber kOther{70'000};
    ReplayGuard first(10'000, kWindow);
    const auto fill = [](ReplayGuard& guard, store::TokenNumber owner, int from, int to,
                         std::size_t most) {
        const std::string key = "KEY" + std::to_string(static_cast<unsigned>(owner));
        Verdict last = Verdict::fresh;
        for (int i = from; i < to; ++i)
            last = record(guard, key, "n" + std::to_string(i), kStart, kStart + seconds(300),
                          kStart, owner, most);
        return last;
    };
    EXPECT_EQ(fill(first, kOwner, 0, 900, 1000), Verdict::fresh);
    EXPECT_EQ(fill(first, kOther, 0, 20, 1000), Verdict::fresh);
    ASSERT_FALSE(first.save(file(), kLife, kStart));
    ReplayGuard second(10'000, kWindow);
    ASSERT_EQ(second.load(file(), kLife, kStart), LoadOutcome::loaded);
    EXPECT_EQ(second.size_of(kOwner), 900U);
    EXPECT_EQ(second.size_of(kOther), 20U);
    EXPECT_EQ(fill(second, kOwner, 900, 1000, 1000), Verdict::fresh);
    EXPECT_EQ(fill(second, kOwner, 1000, 1001, 1000), Verdict::share_used);
    EXPECT_EQ(fill(second, kOther, 1000, 1001, 1000), Verdict::fresh);
}

TEST_F(ReplayFile, ReadsWhatTheVersionBeforeItWrote) {
    save_some(3);
    // Version 2 is version 3 without the life, and without the last four bytes of an entry.
    const std::string now = tests::read_file(file());
    constexpr std::size_t kHeader = 72, kOldHeader = 56, kEntry = 28, kOldEntry = 24;
    std::string before = now.substr(0, kOldHeader);
    before[8] = 2;
    for (std::size_t i = 0; i < 3; ++i) before += now.substr(kHeader + i * kEntry, kOldEntry);
    Sha256 hash;
    hash.update(before);
    std::array<std::uint8_t, Sha256::kSize> sum{};
    hash.finish(sum);
    before.append(reinterpret_cast<const char*>(sum.data()), sum.size());
    write(before);
    ReplayGuard guard(10'000, kWindow);
    ASSERT_EQ(guard.load(file(), std::nullopt, kStart), LoadOutcome::loaded);
    EXPECT_EQ(guard.size(), 3U);
    EXPECT_EQ(guard.size_of(kOwner), 0U) << "whose they are is not known";
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(use(guard, "n" + std::to_string(i), kStart), Verdict::replayed);
}

TEST_F(ReplayFile, SurvivesSeveralRestartsAndDropsWhatIsOver) {
    save_some(10);
    ReplayGuard second(10'000, kWindow);
    ASSERT_EQ(second.load(file(), kLife, kStart), LoadOutcome::loaded);
    ASSERT_EQ(use(second, "second", kStart + seconds(200)), Verdict::fresh);
    ASSERT_FALSE(second.save(file(), kLife, kStart + seconds(301)));
    ReplayGuard third(10'000, kWindow);
    ASSERT_EQ(third.load(file(), kLife, kStart + seconds(301)), LoadOutcome::loaded);
    EXPECT_EQ(third.size(), 1U);
    EXPECT_EQ(use(third, "second", kStart + seconds(301)), Verdict::replayed);
}

TEST_F(ReplayFile, KeepsWhatIsNotTrusted) {
    const Timestamp bound = kStart + seconds(30);
    {
        ReplayGuard after_a_crash(10'000, kWindow);
        after_a_crash.distrust_created_until(bound);
        ASSERT_FALSE(after_a_crash.save(file(), kLife, kStart + seconds(60)));
    }
    for (int restart = 0; restart < 2; ++restart) {
        ReplayGuard guard(10'000, kWindow);
        ASSERT_EQ(guard.load(file(), kLife, kStart + seconds(61)), LoadOutcome::loaded);
        EXPECT_EQ(guard.distrusted_until(), bound);
        EXPECT_EQ(
            record(guard, kToken, "captured", bound, bound + seconds(300), kStart + seconds(61)),
            Verdict::state_lost);
        ASSERT_FALSE(guard.save(file(), kLife, kStart + seconds(62)));
    }
}

TEST_F(ReplayFile, IsNotFooledByAClockThatIsSetBackBetweenTwoProcesses) {
    ReplayGuard first(10'000, kWindow);
    ASSERT_EQ(use(first, "captured", kStart), Verdict::fresh);
    ASSERT_FALSE(first.save(file(), kLife, kStart + hours(1)));
    ReplayGuard second(10'000, kWindow);
    const Timestamp back = kStart + seconds(20);
    ASSERT_EQ(second.load(file(), kLife, back), LoadOutcome::loaded);
    EXPECT_EQ(record(second, kToken, "captured", kStart, kStart + seconds(300), back),
              Verdict::state_lost);
    EXPECT_EQ(use(second, "new", kStart + hours(1) + seconds(1)), Verdict::fresh);
}

TEST_F(ReplayFile, IsNotFooledByAClockThatIsSetBackBeforeTheEnd) {
    ReplayGuard first(10'000, kWindow);
    ASSERT_EQ(use(first, "captured", kStart), Verdict::fresh);
    for (int i = 0; i < 10'000; ++i)
        use(first, "ahead " + std::to_string(i), kStart + hours(1) + seconds(i));
    ASSERT_FALSE(first.save(file(), kLife, kStart + seconds(20)));
    ReplayGuard second(10'000, kWindow);
    ASSERT_EQ(second.load(file(), kLife, kStart + seconds(25)), LoadOutcome::loaded);
    EXPECT_EQ(
        record(second, kToken, "captured", kStart, kStart + seconds(300), kStart + seconds(25)),
        Verdict::state_lost);
}

TEST_F(ReplayFile, RefusesAFileWithAnyBitChangedOrMissing) {
    save_some(3);
    const std::string good = tests::read_file(file());
    ReplayGuard guard(100, kWindow);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] ^= static_cast<char>(1U << (bit % 8));
        write(bad);
        ASSERT_EQ(guard.load(file(), kLife, kStart), LoadOutcome::damaged) << bit;
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
        write(good.substr(0, size));
        ASSERT_EQ(guard.load(file(), kLife, kStart), LoadOutcome::damaged) << size;
    }
    write(good + "x");
    EXPECT_EQ(guard.load(file(), kLife, kStart), LoadOutcome::damaged);
    EXPECT_EQ(guard.size(), 0U);
    write(good);
    EXPECT_EQ(guard.load(file(), kLife, kStart), LoadOutcome::loaded);
}

TEST_F(ReplayFile, RefusesAFileThatOthersCanTouchOrThatIsNoFile) {
    save_some(3);
    for (const unsigned mode : {0640U, 0604U, 0620U, 0660U}) {
        std::filesystem::permissions(file(), std::filesystem::perms(mode));
        ReplayGuard guard(100, kWindow);
        EXPECT_EQ(guard.load(file(), kLife, kStart), LoadOutcome::permissions) << mode;
    }
    ReplayGuard guard(100, kWindow);
    const auto link = directory_.path() / "link";
    std::filesystem::permissions(file(), std::filesystem::perms(0600));
    std::filesystem::create_symlink(file(), link);
    EXPECT_EQ(guard.load(link, kLife, kStart), LoadOutcome::unreadable);
    EXPECT_EQ(guard.load(directory_.path(), kLife, kStart), LoadOutcome::damaged);
    EXPECT_EQ(guard.load(directory_.path() / "absent", kLife, kStart), LoadOutcome::absent);
}

TEST_F(ReplayFile, IsOfUseToTheNextLifeAlone) {
    save_some(3);
    ReplayGuard guard(100, kWindow);
    EXPECT_EQ(guard.load(file(), ReplayLife{1, 2, 4}, kStart), LoadOutcome::foreign);
    EXPECT_EQ(guard.load(file(), std::nullopt, kStart), LoadOutcome::foreign);
    EXPECT_EQ(guard.size(), 0U);
    EXPECT_EQ(guard.load(file(), kLife, kStart), LoadOutcome::loaded);
}

TEST_F(ReplayFile, FromBeforeThereWereLivesIsTakenWhereThereWasNone) {
    ReplayGuard old(100, kWindow);
    ASSERT_EQ(use(old, "a", kStart), Verdict::fresh);
    ASSERT_FALSE(old.save(file(), std::nullopt, kStart));
    ReplayGuard guard(100, kWindow);
    EXPECT_EQ(guard.load(file(), kLife, kStart), LoadOutcome::foreign);
    EXPECT_EQ(guard.load(file(), std::nullopt, kStart), LoadOutcome::loaded);
    EXPECT_EQ(use(guard, "a", kStart), Verdict::replayed);
}

TEST_F(ReplayFile, RefusesMoreThanTheTableHolds) {
    save_some(3000);
    ReplayGuard small(100, kWindow);
    EXPECT_EQ(small.load(file(), kLife, kStart), LoadOutcome::too_many);
}

TEST_F(ReplayFile, SaysWhyItCannotBeSaved) {
    ReplayGuard guard(100, kWindow);
    EXPECT_TRUE(guard.save(directory_.path() / "absent" / "file", kLife, kStart));
    std::filesystem::create_directory(file());
    EXPECT_TRUE(guard.save(file(), kLife, kStart));
    EXPECT_FALSE(std::filesystem::exists(file().string() + ".new"));
}

}  // namespace
}  // namespace kwikgate::auth
