#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

TEST(StoreStat, CountsWhatIsThere) {
    const tests::TemporaryDirectory temporary;
    auto store = Store::create(temporary.path(), small_store()).value();
    ASSERT_TRUE(insert_samples(store, 1, 10));
    ASSERT_TRUE(store.write([](Write& write) -> Result<void> {
        if (const auto id = write.register_section("payments"); !id) return id.error();
        UsageDelta delta;
        delta.token = static_cast<TokenNumber>(1);
        if (const auto r = write.merge_usage({&delta, 1}); !r) return r;
        return write.append_audit(sample_audit("tok", "a"));
    }));
    const StoreStat stat = store.stat().value();
    EXPECT_EQ(stat.tokens, 10U);
    EXPECT_EQ(stat.sections, 1U);
    EXPECT_EQ(stat.usage_records, 1U);
    EXPECT_EQ(stat.audit_entries, 1U);
    EXPECT_GT(stat.used_bytes, 0U);
    EXPECT_GT(stat.file_bytes, 0U);
    EXPECT_LE(stat.used_bytes, stat.map_bytes);
}

TEST(StoreBackup, CopiesEverythingIntoAPrivateDirectory) {
    const tests::TemporaryDirectory temporary;
    const auto target = temporary / "backup";
    std::string store_id;
    {
        auto store = Store::create(temporary / "store", small_store()).value();
        store_id = store.stat()->store_id;
        ASSERT_TRUE(insert_samples(store, 1, 500));
        ASSERT_TRUE(store.backup(target));
        ASSERT_TRUE(insert_samples(store, 501, 501));
    }
    struct stat status {};
    ASSERT_EQ(::stat(target.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    ASSERT_EQ(::stat((target / "data.mdb").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(target / "data.mdb.partial"));
    auto copy = Store::open(target, small_store()).value();
    EXPECT_EQ(copy.stat()->tokens, 500U);
    EXPECT_EQ(copy.stat()->store_id, store_id);
    EXPECT_EQ(copy.verify().value(), std::vector<std::string>{});
    EXPECT_TRUE(insert_samples(copy, 501, 501));
}

TEST(StoreBackup, IsSmallerThanAStoreWithHoles) {
    const tests::TemporaryDirectory temporary;
    auto store = Store::create(temporary / "store", small_store()).value();
    ASSERT_TRUE(insert_samples(store, 1, 3000));
    ASSERT_TRUE(store.write([](Write& write) -> Result<void> {
        for (unsigned i = 1; i <= 2900; ++i)
            if (const auto r = write.erase_token(sample_id(i)); !r) return r;
        return {};
    }));
    ASSERT_TRUE(store.backup(temporary / "backup"));
    EXPECT_LT(std::filesystem::file_size(temporary / "backup" / "data.mdb"),
              store.stat()->file_bytes / 4);
}

TEST(StoreBackup, RefusesATargetThatExists) {
    const tests::TemporaryDirectory temporary;
    auto store = Store::create(temporary / "store", small_store()).value();
    std::filesystem::create_directory(temporary / "backup");
    EXPECT_EQ(store.backup(temporary / "backup").error(), Errc::store_exists);
    EXPECT_EQ(store.backup(temporary / "store").error(), Errc::store_exists);
    EXPECT_TRUE(std::filesystem::is_empty(temporary / "backup"));
}

TEST(StoreBackup, IsConsistentWhileOthersWrite) {
    const tests::TemporaryDirectory temporary;
    {
        auto store = Store::create(temporary / "store", small_store()).value();
        ASSERT_TRUE(insert_samples(store, 1, 1000));
        std::thread writer([&store] {
            for (unsigned i = 1001; i <= 1030; ++i) (void)insert_samples(store, i, i);
        });
        for (const char* name : {"a", "b", "c"}) EXPECT_TRUE(store.backup(temporary / name));
        writer.join();
    }
    for (const char* name : {"a", "b", "c"}) {
        auto copy = Store::open(temporary / name, small_store()).value();
        EXPECT_GE(copy.stat()->tokens, 1000U);
        EXPECT_EQ(copy.verify().value(), std::vector<std::string>{});
    }
}

}  // namespace
}  // namespace kwikgate::store
