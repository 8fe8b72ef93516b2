#include "store/hold.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "store/files.hpp"
#include "store/store.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

TEST(Hold, IsSharedByManyOrHadByOne) {
    const tests::TemporaryDirectory directory;
    {
        const auto first = Hold::share(directory.path());
        const auto second = Hold::share(directory.path());
        ASSERT_TRUE(first);
        ASSERT_TRUE(second);
        EXPECT_EQ(Hold::take_alone(directory.path()).error(), Errc::in_use);
    }
    const auto alone = Hold::take_alone(directory.path());
    ASSERT_TRUE(alone);
    EXPECT_EQ(Hold::share(directory.path()).error(), Errc::in_use);
    EXPECT_EQ(Hold::take_alone(directory.path()).error(), Errc::in_use);
}

TEST(Hold, IsAPrivateFile) {
    const tests::TemporaryDirectory directory;
    const auto hold = Hold::share(directory.path());
    struct stat status {};
    ASSERT_EQ(::stat((directory.path() / kHoldFile).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(Hold, IsHadByEveryStoreThatMayWrite) {
    const tests::TemporaryDirectory directory;
    StoreOptions alone;
    alone.is_alone = true;
    StoreOptions reading;
    reading.mode = OpenMode::read_only;
    {
        const auto store = Store::create(directory.path() / "store");
        ASSERT_TRUE(store);
        EXPECT_EQ(Hold::take_alone(directory.path() / "store").error(), Errc::in_use);
    }
    {
        const auto reader = Store::open(directory.path() / "store", reading);
        ASSERT_TRUE(reader);
        EXPECT_TRUE(Hold::take_alone(directory.path() / "store"));
    }
    const auto store = Store::open(directory.path() / "store", alone);
    ASSERT_TRUE(store);
    EXPECT_EQ(Hold::share(directory.path() / "store").error(), Errc::in_use);
}

}  // namespace
}  // namespace kwikgate::store
