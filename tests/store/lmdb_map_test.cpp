#include <gtest/gtest.h>
#include <sys/resource.h>

#include "store/files.hpp"
#include "store/lmdb_environment.hpp"
#include "tests/store/child_process.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

TEST(LmdbMap, IsNotReplacedUnderATransaction) {
    const tests::TemporaryDirectory directory;
    ASSERT_TRUE(Store::create(directory.path(), small_store()));
    auto environment = LmdbEnvironment::open(directory.path(), small_store(), false).value();
    const std::size_t before = environment->map_bytes();
    {
        const auto reading = ReadTransaction::begin(*environment).value();
        EXPECT_EQ(environment->grow().error(), Errc::busy_resizing);
        EXPECT_EQ(environment->map_bytes(), before);
    }
    ASSERT_TRUE(environment->enter());  // As for a copy, which makes its own transaction.
    EXPECT_EQ(environment->grow().error(), Errc::busy_resizing);
    environment->leave();
    EXPECT_TRUE(environment->grow());
    EXPECT_EQ(environment->map_bytes(), 2 * before);
}

/// What `body` returns in a process that may map no more than `bytes` beyond what it has.
int with_little_room(std::size_t bytes, const std::function<int()>& body) {
    ChildProcess child([&](Line&) {
        std::size_t pages = 0;
        if (std::FILE* statm = std::fopen("/proc/self/statm", "r")) {
            if (std::fscanf(statm, "%zu", &pages) != 1) return 90;
            std::fclose(statm);
        }
        const rlim_t most = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) + bytes;
        const rlimit limit{most, most};
        if (::setrlimit(RLIMIT_AS, &limit) != 0) return 91;
        return body();
    });
    return child.wait();
}

constexpr std::size_t kMiB = std::size_t{1} << 20;

TEST(LmdbMap, WhoOnlyReadsNeedsRoomForWhatIsUsed) {
    const tests::TemporaryDirectory directory;
    {
        StoreOptions large;
        large.map_bytes = std::size_t{4} << 30;
        Store store = Store::create(directory.path(), large).value();
        ASSERT_TRUE(insert_samples(store, 1, 500));
    }
    const auto open_and_count = [&](OpenMode mode, std::size_t map_bytes) {
        return with_little_room(256 * kMiB, [&] {
            StoreOptions options;
            options.mode = mode;
            if (map_bytes != 0) options.map_bytes = map_bytes;
            auto store = Store::open(directory.path(), options);
            if (!store) return store.error() == Errc::no_memory ? 1 : 2;
            const auto stat = store->stat();
            return stat && stat->tokens == 500 && store->verify()->empty() ? 0 : 3;
        });
    };
    EXPECT_EQ(open_and_count(OpenMode::read_only, 0), 0);
    EXPECT_EQ(open_and_count(OpenMode::read_only, 64 * kMiB), 0);
    EXPECT_EQ(open_and_count(OpenMode::read_write, 0), 1) << "told, not called an I/O error";
    // A smaller map is enough, though another process had a larger one.
    EXPECT_EQ(open_and_count(OpenMode::read_write, 64 * kMiB), 0);
}

TEST(LmdbMap, ASmallMapGrowsToWhatAnotherProcessUsed) {
    const tests::TemporaryDirectory directory;
    StoreOptions small = small_store();
    small.map_bytes = kMiB;
    Store store = Store::create(directory.path(), small).value();
    auto reader = store.reader().value();
    ChildProcess writer([&](Line&) {
        auto other = Store::open(directory.path(), small_store());
        return other && insert_samples(*other, 1, 5000) ? 0 : 1;
    });
    ASSERT_EQ(writer.wait(), 0);
    EXPECT_TRUE(reader.snapshot()->token_by_id(sample_id(5000))->has_value());
    EXPECT_GT(store.stat()->map_bytes, kMiB);
}

}  // namespace
}  // namespace kwikgate::store
