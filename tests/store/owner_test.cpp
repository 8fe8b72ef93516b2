#include "store/owner.hpp"

#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "store/files.hpp"
#include "store/store.hpp"
#include "tests/store/child_process.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kUser = 54321;
constexpr gid_t kGroup = 54322;

/// Root, and a directory of somebody else's.
class OwnerTest : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root can act for somebody else";
        fs::permissions(directory_.path(), fs::perms(0755));
        theirs_ = directory_.path() / "theirs";
        fs::create_directory(theirs_);
        fs::permissions(theirs_, fs::perms(0700));
        give(theirs_);
    }
    static void give(const fs::path& path) { ASSERT_EQ(::lchown(path.c_str(), kUser, kGroup), 0); }
    static uid_t owner_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
        return status.st_uid;
    }
    tests::TemporaryDirectory directory_;
    fs::path theirs_;
};

TEST_F(OwnerTest, RootActsAsTheOwnerForAWhile) {
    {
        const auto as_owner = AsOwner::of(theirs_);
        ASSERT_TRUE(as_owner);
        EXPECT_TRUE(as_owner->is_switched());
        EXPECT_EQ(::geteuid(), kUser);
        EXPECT_EQ(::getegid(), kGroup);
        gid_t groups[8] = {};
        EXPECT_EQ(::getgroups(8, groups), 1);
        EXPECT_EQ(groups[0], kGroup);
        EXPECT_EQ(::getuid(), 0U);
        const auto again = AsOwner::of(directory_.path());
        ASSERT_TRUE(again);
        EXPECT_FALSE(again->is_switched()) << "the first one is in force";
    }
    EXPECT_EQ(::geteuid(), 0U);
    EXPECT_EQ(::getegid(), 0U);
    EXPECT_FALSE(AsOwner::of(directory_.path())->is_switched());
}

TEST_F(OwnerTest, WhatIsMadeBelongsToWhoeverHasTheNearestDirectory) {
    for (const fs::path& path : {theirs_, theirs_ / "a", theirs_ / "a" / "b"}) {
        const auto as_owner = AsOwner::of_nearest(path);
        ASSERT_TRUE(as_owner);
        EXPECT_EQ(::geteuid(), kUser) << path;
    }
    EXPECT_FALSE(AsOwner::of_nearest(directory_.path() / "new" / "store")->is_switched());
    EXPECT_EQ(AsOwner::of(directory_.path() / "none").error(), Errc::not_a_store);
}

TEST_F(OwnerTest, OthersStayWhoTheyAre) {
    ChildProcess child([&](Line&) {
        if (::setgroups(0, nullptr) != 0 || ::setgid(1) != 0 || ::setuid(1) != 0) return 1;
        const auto as_owner = AsOwner::of(theirs_);
        return as_owner && !as_owner->is_switched() && ::geteuid() == 1 ? 0 : 2;
    });
    EXPECT_EQ(child.wait(), 0);
}

TEST_F(OwnerTest, AStoreThatRootMakesAndUsesIsTheOwners) {
    const fs::path place = theirs_ / "store";
    {
        Store store = Store::create(place, small_store()).value();
        ASSERT_TRUE(insert_samples(store, 1, 3));
        ASSERT_TRUE(store.backup(theirs_ / "backup"));
    }
    EXPECT_TRUE(Store::open(place, small_store()));
    EXPECT_EQ(::geteuid(), 0U);
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(theirs_)) {
        EXPECT_EQ(owner_of(entry.path()), kUser) << entry.path();
        ++files;
    }
    EXPECT_GE(files, 6U);
}

TEST_F(OwnerTest, AStoreIsReachedWhereItsOwnerMayNotLookAboveIt) {
    const fs::path closed = directory_.path() / "closed";
    fs::create_directory(closed);
    fs::permissions(closed, fs::perms(0700));
    { ASSERT_TRUE(Store::create(theirs_ / "store", small_store())); }
    fs::rename(theirs_, closed / "theirs");
    EXPECT_TRUE(Store::open(closed / "theirs" / "store", small_store()));
}

TEST_F(OwnerTest, ADirectoryThatIsExchangedMeanwhileIsNotEntered) {
    { ASSERT_TRUE(Store::create(theirs_ / "store", small_store())); }
    const auto as_owner = AsOwner::of(theirs_ / "store");
    ASSERT_TRUE(as_owner);
    fs::rename(theirs_ / "store", theirs_ / "aside");
    fs::create_directory(theirs_ / "store");
    EXPECT_TRUE(fs::exists(as_owner->directory() / kDataFile));
}

TEST_F(OwnerTest, TheFilesOfAStoreTellWhoseASharedDirectoryIs) {
    const fs::path place = theirs_ / "store";
    ASSERT_TRUE(Store::create(place, small_store()));
    ASSERT_EQ(::chown(place.c_str(), 0, kGroup), 0);
    fs::permissions(place, fs::perms(0770));
    const auto as_owner = AsOwner::of(place);
    ASSERT_TRUE(as_owner);
    EXPECT_EQ(::geteuid(), kUser);
}

TEST_F(OwnerTest, NothingIsOpenedThroughALink) {
    const fs::path place = theirs_ / "store";
    ASSERT_TRUE(Store::create(place, small_store()));
    const fs::path secret = directory_.path() / "secret";
    for (const char* const name : {kLockFile, kHoldFile, kServeFile, kDataFile}) {
        tests::write_file(secret, "of root");
        fs::permissions(secret, fs::perms(0600));
        const fs::path aside = place / "aside";
        const bool was_there = fs::exists(place / name);
        if (was_there) fs::rename(place / name, aside);
        for (const bool is_symbolic : {true, false}) {
            if (is_symbolic) {
                fs::create_symlink(secret, place / name);
            } else {
                fs::create_hard_link(secret, place / name);
            }
            for (const OpenMode mode : {OpenMode::read_write, OpenMode::read_only}) {
                StoreOptions options = small_store();
                options.mode = mode;
                const auto opened = Store::open(place, options);
                ASSERT_FALSE(opened) << name;
            }
            fs::remove(place / name);
        }
        EXPECT_EQ(tests::read_file(secret), "of root") << name;
        if (was_there) fs::rename(aside, place / name);
        EXPECT_TRUE(Store::open(place, small_store())) << name;
    }
}

TEST(StoreFiles, AreNoLinksWhoeverOpensThem) {
    const tests::TemporaryDirectory directory;
    const fs::path place = directory.path() / "store";
    ASSERT_TRUE(Store::create(place, small_store()));
    fs::rename(place / kDataFile, directory.path() / "data");
    fs::create_symlink(directory.path() / "data", place / kDataFile);
    EXPECT_EQ(Store::open(place, small_store()).error(), Errc::foreign_file);
}

}  // namespace
}  // namespace kwikgate::store
