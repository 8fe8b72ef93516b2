#include <gtest/gtest.h>

#include "tests/store/child_process.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

TEST(StoreProcesses, TheNextSnapshotSeesWhatAnotherProcessCommitted) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    ChildProcess child([&](Line& line) {
        auto store = Store::open(temporary.path(), small_store());
        if (!store) return 1;
        for (unsigned i = 1; line.receive() == "next"; ++i)
            line.send(insert_samples(*store, i, i) ? "committed" : "failed");
        return 0;
    });
    auto store = Store::open(temporary.path(), small_store()).value();
    Reader reader = store.reader().value();
    for (unsigned i = 1; i <= 20; ++i) {
        EXPECT_FALSE(reader.snapshot()->token_by_key(sample_key(i)).value());
        child.line().send("next");
        ASSERT_EQ(child.line().receive(), "committed");
        EXPECT_TRUE(reader.snapshot()->token_by_key(sample_key(i)).value());
    }
    child.line().send("stop");
    EXPECT_EQ(child.wait(), 0);
}

TEST(StoreProcesses, WritersTakeTurnsAndLoseNothing) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    const auto body = [&](unsigned first) {
        return [&, first](Line&) {
            auto store = Store::open(temporary.path(), small_store());
            if (!store) return 1;
            for (unsigned i = first; i < first + 25; ++i)
                if (!insert_samples(*store, i, i)) return 2;
            return 0;
        };
    };
    ChildProcess a(body(100));
    ChildProcess b(body(200));
    ChildProcess c(body(300));
    EXPECT_EQ(a.wait(), 0);
    EXPECT_EQ(b.wait(), 0);
    EXPECT_EQ(c.wait(), 0);
    auto store = Store::open(temporary.path(), small_store()).value();
    EXPECT_EQ(store.stat()->tokens, 75U);
    EXPECT_EQ(store.verify().value(), std::vector<std::string>{});
}

TEST(StoreProcesses, UseCountedByTwoIsAddedUp) {
    const tests::TemporaryDirectory temporary;
    {
        auto store = Store::create(temporary.path(), small_store());
        ASSERT_TRUE(insert_samples(*store, 1, 1));
    }
    const auto body = [&](Line&) {
        auto store = Store::open(temporary.path(), small_store());
        if (!store) return 1;
        UsageDelta delta;
        delta.token = TokenNumber{1};
        delta.section = SectionId{1};
        for (int i = 0; i < 25; ++i)
            if (!store->write([&](Write& write) { return write.merge_usage({&delta, 1}); }))
                return 2;
        return 0;
    };
    ChildProcess a(body);
    ChildProcess b(body);
    EXPECT_EQ(a.wait(), 0);
    EXPECT_EQ(b.wait(), 0);
    auto store = Store::open(temporary.path(), small_store()).value();
    auto reader = store.reader().value();
    const auto days = reader.snapshot()->usage_days(TokenNumber{1}, {}, {});
    ASSERT_EQ(days->size(), 1U);
    EXPECT_EQ(days->front().sections, (std::vector<SectionCount>{{SectionId{1}, 50, 0}}));
}

/// Opens the store, holds a snapshot and says so, until killed.
ChildProcess hold_snapshot(const std::filesystem::path& directory) {
    return ChildProcess([&](Line& line) {
        auto store = Store::open(directory, small_store());
        auto reader = store->reader();
        const auto snapshot = reader->snapshot();
        line.send(snapshot ? "held" : "failed");
        line.receive();
        return 0;
    });
}

TEST(StoreProcesses, ClearsTheReadersOfDeadProcessesAtOpen) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    ChildProcess keeper([&](Line& line) {
        // Keeps the lock file in use: LMDB empties the table when the first process comes.
        auto store = Store::open(temporary.path(), small_store());
        line.send("open");
        line.receive();
        line.send(std::to_string(store->clear_stale_readers().value()));
        return 0;
    });
    ASSERT_EQ(keeper.line().receive(), "open");
    {
        ChildProcess dead = hold_snapshot(temporary.path());
        ASSERT_EQ(dead.line().receive(), "held");
        dead.kill_and_wait();
    }
    auto store = Store::open(temporary.path(), small_store()).value();
    keeper.line().send("count");
    EXPECT_EQ(keeper.line().receive(), "0");
}

TEST(StoreProcesses, ClearsTheReadersOfDeadProcessesBeforeAWrite) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    ChildProcess counted = hold_snapshot(temporary.path());
    ChildProcess dead = hold_snapshot(temporary.path());
    auto store = Store::open(temporary.path(), small_store()).value();
    ASSERT_EQ(counted.line().receive(), "held");
    ASSERT_EQ(dead.line().receive(), "held");
    counted.kill_and_wait();
    EXPECT_EQ(store.clear_stale_readers().value(), 1);
    dead.kill_and_wait();
    ASSERT_TRUE(insert_samples(store, 1, 1));
    EXPECT_EQ(store.clear_stale_readers().value(), 0);
}

TEST(StoreProcesses, AWriterKilledInItsTransactionBlocksNobody) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    ChildProcess child([&](Line& line) {
        auto store = Store::open(temporary.path(), small_store());
        auto write = store->begin_write();
        TokenRecord record = sample_token(1);
        line.send(write->insert_token(record) ? "inserted" : "failed");
        line.receive();
        return 0;
    });
    auto store = Store::open(temporary.path(), small_store()).value();
    ASSERT_EQ(child.line().receive(), "inserted");
    child.kill_and_wait();
    ASSERT_TRUE(insert_samples(store, 2, 2));
    EXPECT_EQ(store.stat()->tokens, 1U);
    EXPECT_EQ(store.verify().value(), std::vector<std::string>{});
}

}  // namespace
}  // namespace kwikgate::store
