#include "gateway/cli/unfinished.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "gateway/cli/private_file.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::gateway::cli {
namespace {

namespace fs = std::filesystem;

class UnfinishedTest : public testing::Test {
  protected:
    /// The status of a process that ran `work` and then got `signal`.
    template <class Work>
    static int interrupted(int signal, Work work) {
        const pid_t child = ::fork();
        if (child == 0) {
            work(signal);
            ::_exit(7);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return status;
    }
    static void write(const fs::path& path) { std::ofstream(path) << "x"; }

    tests::TemporaryDirectory folder_;
    fs::path file_ = folder_.path() / "made" / "file";
    fs::path made_ = folder_.path() / "made";
};

TEST_F(UnfinishedTest, GoesAwayWithItsDirectoryAndTheSignalEndsTheProcess) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const int status = interrupted(signal, [&](int number) {
            const Unfinished file(file_);
            const Unfinished directory(made_);
            fs::create_directory(made_);
            write(file_);
            ::raise(number);
        });
        EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal);
        EXPECT_FALSE(fs::exists(made_));
    }
}

TEST_F(UnfinishedTest, WhatIsCompleteStays) {
    fs::create_directory(made_);
    interrupted(SIGTERM, [&](int number) {
        { const Unfinished file(file_); }
        write(file_);
        const Unfinished directory(made_);
        ::raise(number);
    });
    EXPECT_TRUE(fs::exists(file_)) << "a directory that holds something else is not emptied";
}

TEST_F(UnfinishedTest, ASignalThatWasIgnoredStaysSo) {
    const int status = interrupted(SIGHUP, [&](int number) {
        ::signal(SIGHUP, SIG_IGN);
        const Unfinished directory(made_);
        fs::create_directory(made_);
        ::raise(number);
    });
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    EXPECT_TRUE(fs::exists(made_));
}

TEST_F(UnfinishedTest, ASecretFileIsUnfinishedUntilItIsSynced) {
    const fs::path path = folder_.path() / "secret";
    interrupted(SIGTERM, [&](int number) {
        auto file = PrivateFile::create(path);
        static_cast<void>(file->write("half"));
        ::raise(number);
    });
    EXPECT_FALSE(fs::exists(path));
    interrupted(SIGTERM, [&](int number) {
        auto file = PrivateFile::create(path);
        static_cast<void>(file->write("whole"));
        static_cast<void>(file->finish());
        ::raise(number);
    });
    EXPECT_TRUE(fs::exists(path));
}

}  // namespace
}  // namespace kwikgate::gateway::cli
