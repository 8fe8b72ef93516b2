#include "gateway/pipeline/replay_state.hpp"

#include <gtest/gtest.h>

#include <filesystem>
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
        config_.signature = {minutes(5), seconds(30)};
    }

    std::unique_ptr<ReplayGuard> start(Timestamp now) {
        auto guard = std::make_unique<ReplayGuard>(1000, minutes(6));
        EXPECT_TRUE(restore_replay_state(store_, *guard, config_, now));
        return guard;
    }
    Verdict use(ReplayGuard& guard, std::string_view nonce, Timestamp created, Timestamp now) {
        const Timestamp until = created + config_.signature.max_age;
        return guard.record({guard.identify(kToken, nonce), {}, created, until}, now, 1000);
    }

    tests::TemporaryDirectory directory_;
    store::Store store_;
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
    ASSERT_FALSE(first->save(config_.replay.state_file, later));
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
