#include "store/serve_lock.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "store/files.hpp"
#include "tests/store/child_process.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

class ServeLockTest : public testing::Test {
  protected:
    std::filesystem::path file() const { return directory_.path() / kServeFile; }
    Result<ServeLock> try_take() const { return ServeLock::try_take(directory_.path()); }
    tests::TemporaryDirectory directory_;
};

TEST_F(ServeLockTest, IsHadByOne) {
    auto first = try_take();
    ASSERT_TRUE(first);
    EXPECT_EQ(try_take().error(), Errc::in_use);
    first->release();
    EXPECT_TRUE(try_take());
}

TEST_F(ServeLockTest, EndsWithItsProcessAndTellsWhoHasIt) {
    ChildProcess holder([&](Line& line) {
        auto lock = try_take();
        line.send(lock ? std::to_string(::getpid()) : "none");
        line.receive();
        return 0;
    });
    const std::string process = holder.line().receive();
    EXPECT_EQ(try_take().error(), Errc::in_use);
    char host[256] = {};
    ASSERT_EQ(::gethostname(host, sizeof host - 1), 0);
    EXPECT_EQ(ServeLock::holder(directory_.path()), "process " + process + " on host " + host);
    holder.kill_and_wait();
    EXPECT_TRUE(try_take());
}

TEST_F(ServeLockTest, IsAPrivateFileOfOneSize) {
    auto lock = try_take();
    struct stat before {};
    ASSERT_EQ(::stat(file().c_str(), &before), 0);
    EXPECT_EQ(before.st_mode & 0777U, 0600U);
    ASSERT_TRUE(lock->begin_life());
    struct stat after {};
    ASSERT_EQ(::stat(file().c_str(), &after), 0);
    EXPECT_EQ(before.st_size, after.st_size);
}

TEST_F(ServeLockTest, TheNextOneKnowsTheLifeBeforeIt) {
    auto first = try_take();
    EXPECT_FALSE(first->life());
    ASSERT_TRUE(first->begin_life());
    const auto life = first->life();
    ASSERT_TRUE(life);
    EXPECT_TRUE(first->is_ours());
    first->release();
    auto second = try_take();
    EXPECT_EQ(second->life(), life);
    ASSERT_TRUE(second->begin_life());
    EXPECT_NE(second->life(), life);
    EXPECT_FALSE(first->is_ours());
}

TEST_F(ServeLockTest, IsOursNoMoreOnceItsFileIsGone) {
    auto lock = try_take();
    ASSERT_TRUE(lock->begin_life());
    std::filesystem::remove(file());
    EXPECT_FALSE(lock->is_ours());
    auto another = try_take();
    ASSERT_TRUE(another);
    EXPECT_FALSE(another->life()) << "what was served before is not known";
    EXPECT_FALSE(lock->is_ours());
}

TEST_F(ServeLockTest, AFileThatTellsNothingIsNoLife) {
    for (const std::string text : {"", "life \n", "life 0123\n", "nonsense",
                                   "life 0123456789abcdef0123456789abcdeX\nprocess 1\nhost a\n"}) {
        tests::write_file(file(), text);
        const auto lock = try_take();
        ASSERT_TRUE(lock) << text;
        EXPECT_FALSE(lock->life()) << text;
    }
}

TEST_F(ServeLockTest, WhatTheFileSaysMovesNoCursor) {
    tests::write_file(file(), "process 1\x1b[2J\nhost a\tb\x7f\n");
    EXPECT_EQ(ServeLock::holder(directory_.path()), "process 1?[2J on host a?b?");
    tests::write_file(file(), "host a\n");
    EXPECT_EQ(ServeLock::holder(directory_.path()), "another process");
}

TEST_F(ServeLockTest, FollowsNoLinkAndWaitsForNoPipe) {
    const auto elsewhere = directory_.path() / "elsewhere";
    tests::write_file(elsewhere, "kept");
    std::filesystem::create_symlink(elsewhere, file());
    EXPECT_EQ(try_take().error(), Errc::foreign_file);
    EXPECT_EQ(tests::read_file(elsewhere), "kept");
    std::filesystem::remove(file());
    ASSERT_EQ(::mkfifo(file().c_str(), 0600), 0);
    EXPECT_EQ(try_take().error(), Errc::foreign_file);
}

}  // namespace
}  // namespace kwikgate::store
