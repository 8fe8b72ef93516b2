#include "gateway/pipeline/replay_state.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::gateway {
namespace {

using auth::ReplayGuard;
using auth::Timestamp;
using std::chrono::minutes;
using std::chrono::seconds;
using Verdict = ReplayGuard::Verdict;

constexpr Timestamp kStart = Timestamp(std::chrono::hours(24 * 20'000));
constexpr std::string_view kToken = "KEY7";

/// One store over several lives of the process.
class ReplayStateTest : public testing::Test {
  protected:
    ReplayStateTest() : store_(store::Store::create(directory_.path() / "store").value()) {
        config_.replay.state_file = directory_.path() / "replay.state";
        config_.signature = {minutes(5), seconds(30), {}};
    }

    std::unique_ptr<ReplayGuard> start(Timestamp now) {
        auto guard = std::make_unique<ReplayGuard>(1000, minutes(6));
        lock_.reset();
        lock_.emplace(store::ServeLock::try_take(directory_.path() / "store").value());
        EXPECT_TRUE(restore_replay_state(store_, *guard, config_, *lock_, now));
        return guard;
    }
    void end(const ReplayGuard& guard, Timestamp now) {
        save_replay_state(guard, config_, *lock_, now);
    }
    bool is_saved() const { return std::filesystem::exists(config_.replay.state_file); }
    Verdict use(ReplayGuard& guard, std::string_view nonce, Timestamp created, Timestamp now) {
        const Timestamp until = created + config_.signature.max_age;
        return guard.record({guard.identify(kToken, nonce), {}, created, until}, now, 1000);
    }

    tests::TemporaryDirectory directory_;
    store::Store store_;
    std::optional<store::ServeLock> lock_;
    Config config_;
};

TEST_F(ReplayStateTest, AStoreThatWasNeverServedHasNoPast) {
    const auto guard = start(kStart);
    EXPECT_EQ(use(*guard, "a", kStart - minutes(1), kStart), Verdict::fresh);
}

TEST_F(ReplayStateTest, AStoreThatCannotBeReadIsNotTakenForOneThatWasNeverServed) {
    std::vector<store::Reader> readers;
    for (;;) {
        auto reader = store_.reader();
        if (!reader) break;
        readers.push_back(std::move(*reader));
    }
    const auto guard = start(kStart);
    EXPECT_EQ(use(*guard, "a", kStart - minutes(1), kStart), Verdict::state_lost);
}

TEST_F(ReplayStateTest, ACrashMakesThePastUntrusted) {
    start(kStart);  // Ends without a saved table.
    const auto guard = start(kStart + minutes(1));
    EXPECT_EQ(use(*guard, "a", kStart, kStart + minutes(1)), Verdict::state_lost);
    EXPECT_EQ(use(*guard, "a", kStart + minutes(1) + seconds(30), kStart + minutes(1)),
              Verdict::state_lost);
    EXPECT_EQ(use(*guard, "a", kStart + minutes(1) + seconds(31), kStart + minutes(1)),
              Verdict::fresh);
}

TEST_F(ReplayStateTest, ACrashAfterANarrowerMaxAheadDistrustsWhatTheWiderLetIn) {
    config_.signature.max_ahead = minutes(10);
    const auto first = start(kStart);
    const Timestamp ahead = kStart + minutes(9);
    EXPECT_EQ(use(*first, "a", ahead, kStart), Verdict::fresh);
    config_.signature.max_ahead = seconds(30);
    ASSERT_TRUE(change_signature_window(store_, *first, config_.signature, kStart + seconds(1)));
    start(kStart + minutes(1));  // Twice: the second crash must not have forgotten it.
    const auto guard = start(kStart + minutes(2));
    EXPECT_EQ(use(*guard, "a", ahead, kStart + minutes(9)), Verdict::state_lost);
    EXPECT_EQ(use(*guard, "b", kStart + minutes(11), kStart + minutes(11)), Verdict::fresh);
}

TEST_F(ReplayStateTest, ALongerWindowBringsNothingBack) {
    const auto first = start(kStart);
    EXPECT_EQ(use(*first, "a", kStart, kStart), Verdict::fresh);
    const Timestamp later = kStart + minutes(20);
    end(*first, later);
    config_.signature.max_age = minutes(60);
    const auto guard = start(later);
    EXPECT_EQ(use(*guard, "a", kStart, later), Verdict::state_lost);
    EXPECT_EQ(use(*guard, "b", later - minutes(4), later), Verdict::fresh);
}

TEST_F(ReplayStateTest, ALongerWindowByAReloadBringsNothingBack) {
    const auto guard = start(kStart);
    config_.signature.max_age = minutes(60);
    const Timestamp later = kStart + minutes(20);
    ASSERT_TRUE(change_signature_window(store_, *guard, config_.signature, later));
    EXPECT_EQ(use(*guard, "a", kStart, later), Verdict::state_lost);
    EXPECT_EQ(use(*guard, "a", later - minutes(4), later), Verdict::fresh);
}

TEST_F(ReplayStateTest, ACleanEndForgetsNothing) {
    for (int life = 0; life < 3; ++life) {
        const auto guard = start(kStart);
        EXPECT_FALSE(is_saved()) << "a crash could bring it back";
        EXPECT_EQ(use(*guard, "a", kStart, kStart), life == 0 ? Verdict::fresh : Verdict::replayed);
        end(*guard, kStart);
    }
}

TEST_F(ReplayStateTest, AFileOfAnEarlierLifeIsNotTaken) {
    const auto first = start(kStart);
    end(*first, kStart);
    const auto file = config_.replay.state_file;
    const std::string kept = tests::read_file(file);
    EXPECT_EQ(use(*start(kStart), "a", kStart, kStart), Verdict::fresh);
    // Ends without a saved table, and somebody puts the one before back.
    tests::write_file(file, kept);
    std::filesystem::permissions(file, std::filesystem::perms(0600));
    EXPECT_EQ(use(*start(kStart), "a", kStart, kStart), Verdict::state_lost);
    EXPECT_FALSE(is_saved()) << "set aside";
}

TEST_F(ReplayStateTest, NothingIsSavedOnceAnotherMayHaveServed) {
    const auto guard = start(kStart);
    std::filesystem::remove(directory_.path() / "store" / "serve.lock");
    end(*guard, kStart);
    EXPECT_FALSE(is_saved());
}

TEST_F(ReplayStateTest, AStoreThatCannotBeReadHasAPast) {
    // Without room for another reader nothing is known of the store.
    store::StoreOptions options;
    options.max_readers = 1;
    store::Store narrow = store::Store::create(directory_.path() / "narrow", options).value();
    auto reader = narrow.reader().value();
    const auto snapshot = reader.snapshot().value();
    auto lock = store::ServeLock::try_take(directory_.path() / "narrow").value();
    ReplayGuard guard(1000, minutes(6));
    static_cast<void>(restore_replay_state(narrow, guard, config_, lock, kStart));
    EXPECT_EQ(use(guard, "a", kStart, kStart), Verdict::state_lost);
}

TEST_F(ReplayStateTest, WhatAReloadAlsoWritesIsWrittenWithTheWindowOrNotAtAll) {
    const auto guard = start(kStart);
    const auto put = [](std::string_view value) {
        return [value](store::Write& write) { return write.put_meta("test", value); };
    };
    const auto stored = [&] { return *store_.reader()->snapshot()->meta("test"); };
    ASSERT_TRUE(change_signature_window(store_, *guard, config_.signature, kStart, put("1")));
    EXPECT_EQ(stored(), "1");
    config_.signature.max_age = minutes(60);
    const auto refused = change_signature_window(store_, *guard, config_.signature, kStart,
                                                 [&](store::Write& write) -> store::Result<void> {
                                                     EXPECT_TRUE(put("2")(write));
                                                     return store::Errc::too_many_sections;
                                                 });
    EXPECT_EQ(refused.error(), store::Errc::too_many_sections);
    EXPECT_EQ(stored(), "1");
    EXPECT_EQ(use(*guard, "a", kStart - minutes(20), kStart), Verdict::fresh) << "nothing changed";
}

TEST_F(ReplayStateTest, AnUnchangedStartWritesNothing) {
    const auto content = [&] { return tests::read_file(directory_.path() / "store" / "data.mdb"); };
    const std::string fresh = content();
    start(kStart);
    const std::string served = content();
    EXPECT_NE(fresh, served);
    start(kStart + minutes(1));
    EXPECT_EQ(served, content());
}

}  // namespace
}  // namespace kwikgate::gateway
