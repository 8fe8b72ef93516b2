#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "store/write_failures.hpp"
#include "tests/store/child_process.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

/// Room for little more than an empty store.
StoreOptions tiny_store() {
    StoreOptions options = small_store();
    options.map_bytes = std::size_t{128} << 10;
    return options;
}

TEST(StoreGrowth, DoublesTheMapAndRunsTheChangeAgain) {
    const tests::TemporaryDirectory temporary;
    auto store = Store::create(temporary.path(), tiny_store()).value();
    const std::uint64_t before = store.stat()->map_bytes;
    int runs = 0;
    ASSERT_TRUE(store.write([&](Write& write) -> Result<void> {
        ++runs;
        for (unsigned i = 1; i <= 2000; ++i) {
            TokenRecord record = sample_token(i);
            if (const auto r = write.insert_token(record); !r) return r;
        }
        return {};
    }));
    EXPECT_GT(runs, 1);
    EXPECT_GT(store.stat()->map_bytes, before);
    EXPECT_EQ(store.stat()->tokens, 2000U);
    EXPECT_EQ(store.verify().value(), std::vector<std::string>{});
}

TEST(StoreGrowth, GrowsAlsoWhenTheChangeSwallowsTheError) {
    const tests::TemporaryDirectory temporary;
    auto store = Store::create(temporary.path(), tiny_store()).value();
    ASSERT_TRUE(store.write([&](Write& write) -> Result<void> {
        for (unsigned i = 1; i <= 2000; ++i) {
            TokenRecord record = sample_token(i);
            if (const auto r = write.insert_token(record); !r) return {};
        }
        return {};
    }));
    EXPECT_EQ(store.stat()->tokens, 2000U);
}

TEST(StoreGrowth, SaysMapFullOutsideOfWrite) {
    const tests::TemporaryDirectory temporary;
    auto store = Store::create(temporary.path(), tiny_store()).value();
    auto write = store.begin_write().value();
    boost::system::error_code error;
    for (unsigned i = 1; i <= 2000 && !error; ++i) {
        TokenRecord record = sample_token(i);
        if (const auto r = write.insert_token(record); !r) error = r.error();
    }
    EXPECT_EQ(error, Errc::map_full);
    EXPECT_EQ(write.commit().error(), Errc::map_full);
}

TEST(StoreGrowth, KeepsItsSizeWhenOpenedAgainWithLess) {
    const tests::TemporaryDirectory temporary;
    std::uint64_t grown = 0;
    {
        auto store = Store::create(temporary.path(), tiny_store()).value();
        ASSERT_TRUE(insert_samples(store, 1, 2000));
        grown = store.stat()->map_bytes;
    }
    auto store = Store::open(temporary.path(), tiny_store()).value();
    EXPECT_EQ(store.stat()->map_bytes, grown);
}

TEST(StoreGrowth, WaitsForASnapshotOfItsOwnProcessAndThenGivesUp) {
    const tests::TemporaryDirectory temporary;
    auto store = Store::create(temporary.path(), tiny_store()).value();
    Reader reader = store.reader().value();
    {
        const auto snapshot = reader.snapshot().value();
        EXPECT_EQ(insert_samples(store, 1, 2000).error(), Errc::busy_resizing);
        EXPECT_FALSE(snapshot.token_by_key(sample_key(1)).value());
    }
    EXPECT_TRUE(insert_samples(store, 1, 2000));
    EXPECT_TRUE(reader.snapshot()->token_by_key(sample_key(2000)).value());
}

/// Lets this process map so much more than it has mapped now; 0: as much as it likes.
bool limit_address_space(std::size_t more) {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const auto now = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const struct rlimit limit { more == 0 ? RLIM_INFINITY : now + more, RLIM_INFINITY };
    return pages != 0 && ::setrlimit(RLIMIT_AS, &limit) == 0;
}

TEST(StoreGrowth, WithoutAddressSpaceItSaysSoLosesNothingAndGoesOnOnceThereIsSome) {
    const tests::TemporaryDirectory temporary;
    ChildProcess child([&](Line& line) {
        auto store = Store::create(temporary.path(), small_store());
        if (!store || !limit_address_space(std::size_t{24} << 20)) return 1;
        const std::uint64_t before = failed_writes();
        unsigned stored = 0;
        auto result = insert_samples(*store, 1, 500);
        for (; result; result = insert_samples(*store, stored + 1, stored + 500)) stored += 500;
        line.send(result.error().message());
        if (failed_writes() != before + 1 || stored == 0) return 2;
        {
            auto reader = store->reader();
            if (!reader) return 3;
            const auto snapshot = reader->snapshot();
            const auto token = snapshot->token_by_key(sample_key(stored));
            if (!token || !*token) return 4;
        }
        if (!limit_address_space(0)) return 5;
        return insert_samples(*store, stored + 1, stored + 500) ? 0 : 6;
    });
    EXPECT_EQ(child.line().receive(), make_error_code(Errc::map_full).message());
    EXPECT_EQ(child.wait(), 0);
    auto store = Store::open(temporary.path(), small_store()).value();
    EXPECT_EQ(store.verify().value(), std::vector<std::string>{});
}

TEST(StoreGrowth, ReadersOfAllThreadsGoOnWhileTheMapGrows) {
    const tests::TemporaryDirectory temporary;
    auto store = Store::create(temporary.path(), tiny_store()).value();
    ASSERT_TRUE(insert_samples(store, 1, 10));
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::atomic<std::uint64_t> reads{0};
    std::vector<std::thread> threads;
    threads.reserve(3);
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            Reader reader = store.reader().value();
            while (!stop.load()) {
                const auto snapshot = reader.snapshot();
                if (!snapshot) {
                    wrong += snapshot.error() != Errc::busy_resizing;
                    continue;
                }
                const auto token = snapshot->token_by_key(sample_key(5));
                wrong += !(token && *token && (*token)->id == sample_id(5));
                ++reads;
            }
        });
    const std::uint64_t before = store.stat()->map_bytes;
    for (unsigned batch = 0; batch < 8; ++batch)
        EXPECT_TRUE(insert_samples(store, 11 + batch * 400, 410 + batch * 400));
    EXPECT_TRUE(store.verify()->empty());
    stop = true;
    for (std::thread& thread : threads) thread.join();
    EXPECT_GE(store.stat()->map_bytes, before * 8);
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_GT(reads.load(), 0U);
}

/// What a second process that has the store open says of `index`.
int follow(Line& line, const std::filesystem::path& directory) {
    auto store = Store::open(directory, tiny_store());
    if (!store) return 1;
    auto reader = store->reader();
    if (!reader) return 2;
    line.send("open " + std::to_string(store->stat()->map_bytes));
    for (std::string command; !(command = line.receive()).empty();) {
        if (command == "write") {
            const auto r = insert_samples(*store, 9001, 9001);
            line.send(r ? "written" : r.error().message());
            continue;
        }
        const auto snapshot = reader->snapshot();
        if (!snapshot) {
            line.send(snapshot.error().message());
            continue;
        }
        const auto token = snapshot->token_by_key(command);
        line.send(token && *token ? "found" : "missing");
    }
    return 0;
}

TEST(StoreGrowth, AnotherProcessAdoptsTheLargerMap) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), tiny_store())); }
    ChildProcess reading([&](Line& line) { return follow(line, temporary.path()); });
    ChildProcess writing([&](Line& line) { return follow(line, temporary.path()); });
    ASSERT_TRUE(reading.line().receive().starts_with("open "));
    ASSERT_TRUE(writing.line().receive().starts_with("open "));
    auto store = Store::open(temporary.path(), tiny_store()).value();
    for (const unsigned last : {2000U, 4000U, 8000U}) {
        ASSERT_TRUE(insert_samples(store, last / 2 + (last == 2000U ? 0 : 1), last));
        reading.line().send(sample_key(last));
        EXPECT_EQ(reading.line().receive(), "found") << last;
    }
    writing.line().send("write");
    EXPECT_EQ(writing.line().receive(), "written");
    reading.line().send(sample_key(9001));
    EXPECT_EQ(reading.line().receive(), "found");
    EXPECT_EQ(store.verify().value(), std::vector<std::string>{});
}

}  // namespace
}  // namespace kwikgate::store
