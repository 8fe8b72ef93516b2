// Kills a writing process at random moments, over and over, and asks afterwards for everything that
// it had acknowledged. What is killed is the process, not the machine: that commits are synced is
// seen to by LMDB's default flags, which the store never weakens.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <thread>

#include "tests/store/child_process.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

StoreOptions crash_store() {
    StoreOptions options = small_store();
    options.map_bytes = std::size_t{256} << 10;  // Growth is killed into as well.
    return options;
}

/// One change with its audit entry, whose `after` tells which change it was.
Result<void> change_token(Write& write, unsigned index, std::uint64_t step) {
    const auto found = write.token_by_id(sample_id(index));
    if (!found) return found.error();
    TokenRecord record = *found ? **found : sample_token(index);
    record.name = "step " + std::to_string(step);
    AuditEntry entry = sample_audit(record.id, *found ? "token.update" : "token.create");
    entry.after = std::to_string(step);
    if (*found) {
        ++record.version;
        if (const auto r = write.update_token(record); !r) return r;
    } else {
        if (const auto r = write.insert_token(record); !r) return r;
    }
    UsageDelta delta;
    delta.token = record.number;
    delta.at = at_ms(static_cast<std::int64_t>(step));
    if (const auto r = write.merge_usage({&delta, 1}); !r) return r;
    return write.append_audit(entry);
}

/// Changes tokens until killed; a line "index step" is sent once a change is acknowledged.
int write_until_killed(Line& line, const std::filesystem::path& directory, unsigned round) {
    auto store = Store::open(directory, crash_store());
    if (!store) return 1;
    std::mt19937 random(round);
    for (std::uint64_t step = round * 1'000'000ULL;; ++step) {
        const auto index = static_cast<unsigned>(random() % 300 + 1);
        const auto r = store->write([&](Write& write) { return change_token(write, index, step); });
        if (!r) return 2;
        line.send(std::to_string(index) + " " + std::to_string(step));
    }
}

/// Everything acknowledged so far: the newest step of each token, and every step's token.
struct Acknowledged {
    std::map<unsigned, std::uint64_t> newest;
    std::map<std::uint64_t, unsigned> steps;

    void take_from(Line& line) {
        for (std::string text; !(text = line.receive()).empty();) {
            const auto space = text.find(' ');
            const auto index = static_cast<unsigned>(std::stoul(text.substr(0, space)));
            const std::uint64_t step = std::stoull(text.substr(space + 1));
            newest[index] = step;
            steps[step] = index;
        }
    }
};

/// Checks in a process of its own, as a restart would; sends what is wrong.
void expect_all_there(const std::filesystem::path& directory, const Acknowledged& acknowledged) {
    ChildProcess child([&](Line& line) {
        auto store = Store::open(directory, crash_store());
        if (!store) {
            line.send("open: " + store.error().message());
            return 1;
        }
        for (const std::string& problem : store->verify().value()) line.send(problem);
        auto reader = store->reader();
        const auto snapshot = reader->snapshot();
        std::map<std::uint64_t, std::string> audited;
        (void)snapshot->for_each_audit(0, [&](const AuditEntry& entry) {
            audited[std::stoull(entry.after)] = entry.token_id;
            return true;
        });
        for (const auto& [step, index] : acknowledged.steps)
            if (audited[step] != sample_id(index))
                line.send("no audit of step " + std::to_string(step));
        for (const auto& [index, step] : acknowledged.newest) {
            const auto token = snapshot->token_by_id(sample_id(index));
            // A change may be in the store whose acknowledgement the kill cut off: never an older
            // one.
            if (!token || !*token || std::stoull(std::string((*token)->name.substr(5))) < step)
                line.send("lost step " + std::to_string(step));
        }
        line.send("done");
        return 0;
    });
    EXPECT_EQ(child.line().receive(), "done");
    EXPECT_EQ(child.wait(), 0);
}

TEST(StoreCrash, EveryAcknowledgedChangeSurvivesKill) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), crash_store())); }
    std::mt19937 random(std::random_device{}());
    Acknowledged acknowledged;
    for (unsigned round = 1; round <= 40 && !HasFailure(); ++round) {
        ChildProcess child(
            [&](Line& line) { return write_until_killed(line, temporary.path(), round); });
        // The moment of the kill is what varies here; nothing waits for an effect.
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 250'000));
        child.kill_and_wait();
        acknowledged.take_from(child.line());
        expect_all_there(temporary.path(), acknowledged);
    }
    EXPECT_GT(acknowledged.steps.size(), 100U);
}

}  // namespace
}  // namespace kwikgate::store
