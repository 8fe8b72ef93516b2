#include "store/store.hpp"

#include <gtest/gtest.h>
#include <lmdb.h>
#include <sys/stat.h>

#include <fstream>
#include <set>
#include <string>

#include "tests/store/child_process.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0U;
}

TEST(StoreCreate, MakesAnEmptySoundStoreThatOnlyItsOwnerCanRead) {
    const tests::TemporaryDirectory temporary;
    const auto directory = temporary / "parent" / "store";
    auto store = Store::create(directory, small_store());
    ASSERT_TRUE(store) << store.error().message();
    EXPECT_EQ(mode_of(directory), 0700U);
    EXPECT_EQ(mode_of(directory / "data.mdb"), 0600U);
    EXPECT_EQ(mode_of(directory / "lock.mdb"), 0600U);
    EXPECT_TRUE(store->verify().value().empty());
    const StoreStat stat = store->stat().value();
    EXPECT_EQ(stat.tokens, 0U);
    EXPECT_EQ(stat.format_version, 1U);
    EXPECT_EQ(stat.store_id.size(), 32U);
    EXPECT_EQ(stat.max_readers, 32U);
    EXPECT_EQ(stat.map_bytes, std::size_t{16} << 20);
}

TEST(StoreCreate, LeavesNothingElseBehind) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(temporary.path()))
        files.insert(entry.path().filename());
    EXPECT_EQ(files, (std::set<std::string>{"data.mdb", "hold.lock", "lock.mdb"}));
}

TEST(StoreCreate, RefusesToReplaceAStore) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    EXPECT_EQ(Store::create(temporary.path(), small_store()).error(), Errc::store_exists);
    EXPECT_TRUE(Store::open(temporary.path(), small_store()));
}

TEST(StoreCreate, GivesEveryStoreItsOwnId) {
    const tests::TemporaryDirectory temporary;
    auto a = Store::create(temporary / "a", small_store());
    auto b = Store::create(temporary / "b", small_store());
    EXPECT_NE(a->stat()->store_id, b->stat()->store_id);
}

TEST(StoreOpen, FindsWhatWasWritten) {
    const tests::TemporaryDirectory temporary;
    {
        auto store = Store::create(temporary.path(), small_store());
        ASSERT_TRUE(insert_samples(*store, 1, 3));
    }
    auto store = Store::open(temporary.path(), small_store());
    ASSERT_TRUE(store);
    EXPECT_EQ(store->stat()->tokens, 3U);
}

TEST(StoreOpen, RefusesWhatIsNoStore) {
    const tests::TemporaryDirectory temporary;
    EXPECT_EQ(Store::open(temporary / "missing").error(), Errc::not_a_store);
    EXPECT_EQ(Store::open(temporary.path()).error(), Errc::not_a_store);
    for (const std::string& content :
         {std::string(), std::string("text"), std::string(20'000, 'x'), std::string(8192, '\0')}) {
        std::ofstream(temporary / "data.mdb", std::ios::trunc) << content;
        EXPECT_EQ(Store::open(temporary.path()).error(), Errc::not_a_store) << content.size();
        EXPECT_EQ(std::filesystem::file_size(temporary / "data.mdb"), content.size());
    }
}

TEST(StoreOpen, RefusesAnotherProgramsLmdbFile) {
    const tests::TemporaryDirectory temporary;
    MDB_env* env = nullptr;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_open(env, temporary.path().c_str(), 0, 0600), 0);
    MDB_txn* txn = nullptr;
    MDB_dbi table = 0;
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
    ASSERT_EQ(mdb_dbi_open(txn, nullptr, 0, &table), 0);
    char text[] = "tokens";
    MDB_val value{6, text};
    ASSERT_EQ(mdb_put(txn, table, &value, &value, 0), 0);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    EXPECT_EQ(Store::open(temporary.path()).error(), Errc::not_a_store);
}

TEST(StoreOpen, RefusesASecondTimeInOneProcess) {
    const tests::TemporaryDirectory temporary;
    {
        auto store = Store::create(temporary.path(), small_store());
        EXPECT_EQ(Store::open(temporary.path(), small_store()).error(), Errc::already_open);
        EXPECT_TRUE(insert_samples(*store, 1, 1));
    }
    EXPECT_TRUE(Store::open(temporary.path(), small_store()));
}

TEST(StoreOpen, ReadsButDoesNotWriteWhenReadOnly) {
    const tests::TemporaryDirectory temporary;
    {
        auto store = Store::create(temporary.path(), small_store());
        ASSERT_TRUE(insert_samples(*store, 1, 1));
    }
    StoreOptions options = small_store();
    options.mode = OpenMode::read_only;
    auto store = Store::open(temporary.path(), options);
    ASSERT_TRUE(store);
    auto reader = store->reader();
    EXPECT_TRUE(*reader->snapshot()->token_by_key(sample_key(1)));
    EXPECT_EQ(store->begin_write().error(), Errc::read_only);
    EXPECT_EQ(store->write([](Write&) { return Result<void>{}; }).error(), Errc::read_only);
}

/// Becomes a user without privileges, as far as this process is privileged at all.
bool drop_privileges() {
    return ::geteuid() != 0 || (::setgid(65534) == 0 && ::setuid(65534) == 0);
}

std::string open_unprivileged(const std::filesystem::path& directory, OpenMode mode) {
    ChildProcess child([&](Line& line) {
        if (!drop_privileges()) return 1;
        StoreOptions options = small_store();
        options.mode = mode;
        auto store = Store::open(directory, options);
        std::string seen = store ? "opened" : store.error().message();
        if (store) {
            auto reader = store->reader();
            if (reader && *reader->snapshot()->token_by_key(sample_key(1))) seen += " and read";
        }
        line.send(seen);
        return 0;
    });
    std::string seen = child.line().receive();
    child.wait();
    return seen;
}

TEST(StoreOpen, ReadsAStoreInADirectoryThatCannotBeWritten) {
    const tests::TemporaryDirectory temporary;
    {
        auto store = Store::create(temporary.path(), small_store());
        ASSERT_TRUE(insert_samples(*store, 1, 1));
    }
    std::filesystem::remove(temporary / "lock.mdb");
    ASSERT_EQ(::chmod((temporary / "data.mdb").c_str(), 0444), 0);
    ASSERT_EQ(::chmod(temporary.path().c_str(), 0555), 0);
    EXPECT_EQ(open_unprivileged(temporary.path(), OpenMode::read_only), "opened and read");
    EXPECT_EQ(open_unprivileged(temporary.path(), OpenMode::read_write),
              make_error_code(Errc::read_only).message());
    ASSERT_EQ(::chmod(temporary.path().c_str(), 0755), 0);
}

TEST(StoreOpen, DoesNotReadPastALockFileThatItMayNotUse) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs another user's file";
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    ASSERT_EQ(::chmod((temporary / "data.mdb").c_str(), 0444), 0);
    ASSERT_EQ(::chmod(temporary.path().c_str(), 0555), 0);
    EXPECT_EQ(open_unprivileged(temporary.path(), OpenMode::read_only),
              make_error_code(Errc::read_only).message());
}

TEST(StoreOpen, LeavesFilesThatTheOwnerOfTheStoreCanUse) {
    for (const OpenMode mode : {OpenMode::read_only, OpenMode::read_write}) {
        const tests::TemporaryDirectory temporary;
        {
            auto store = Store::create(temporary / "store", small_store());
            ASSERT_TRUE(insert_samples(*store, 1, 1));
            ASSERT_TRUE(store->backup(temporary / "backup"));
        }
        // Restored by root for the user that the gateway runs as, and looked at before it starts.
        const auto restored = temporary / "backup";
        if (::geteuid() == 0) {
            ASSERT_EQ(::chmod(temporary.path().c_str(), 0755), 0);
            ASSERT_EQ(::chown(restored.c_str(), 65534, 65534), 0);
            ASSERT_EQ(::chown((restored / "data.mdb").c_str(), 65534, 65534), 0);
        }
        {
            StoreOptions options = small_store();
            options.mode = mode;
            ASSERT_TRUE(Store::open(restored, options));
        }
        EXPECT_EQ(open_unprivileged(restored, OpenMode::read_write), "opened and read");
    }
}

TEST(StoreOpen, RefusesABackupThatWasCutShort) {
    const tests::TemporaryDirectory temporary;
    {
        auto store = Store::create(temporary / "store", small_store()).value();
        ASSERT_TRUE(insert_samples(store, 1, 200));
        ASSERT_TRUE(store.backup(temporary / "backup"));
    }
    const auto file = temporary / "backup" / "data.mdb";
    const auto whole = std::filesystem::file_size(file);
    for (const std::uintmax_t size : {whole - 1, whole - 4096, whole / 2, std::uintmax_t{8192},
                                      std::uintmax_t{5000}, std::uintmax_t{4096}}) {
        std::filesystem::resize_file(file, size);
        EXPECT_EQ(Store::open(temporary / "backup", small_store()).error(), Errc::corrupt_record)
            << size;
    }
}

TEST(StoreOpen, RefusesANewerFormat) {
    const tests::TemporaryDirectory temporary;
    { ASSERT_TRUE(Store::create(temporary.path(), small_store())); }
    MDB_env* env = nullptr;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_set_maxdbs(env, 16), 0);
    ASSERT_EQ(mdb_env_open(env, temporary.path().c_str(), 0, 0600), 0);
    MDB_txn* txn = nullptr;
    MDB_dbi table = 0;
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
    ASSERT_EQ(mdb_dbi_open(txn, "meta", 0, &table), 0);
    char name[] = "store.format";
    char newer[] = {0, 0, 0, 2};
    MDB_val key{12, name};
    MDB_val value{4, newer};
    ASSERT_EQ(mdb_put(txn, table, &key, &value, 0), 0);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    EXPECT_EQ(Store::open(temporary.path(), small_store()).error(), Errc::newer_format);
}

}  // namespace
}  // namespace kwikgate::store
