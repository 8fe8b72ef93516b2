#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/store/child_process.hpp"
#include "tests/store/sample_token.hpp"
#include "tests/support/temporary_directory.hpp"

namespace kwikgate::store {
namespace {

/// Lets no file of this process grow beyond `bytes`, which the system reports as it does a full
/// disk.
bool limit_file_size(std::uint64_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit { bytes, RLIM_INFINITY };
    return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

TEST(StoreDiskFull, SaysSoAndLosesNothingThatWasAcknowledged) {
    const tests::TemporaryDirectory temporary;
    ChildProcess child([&](Line& line) {
        auto store = Store::create(temporary.path(), small_store());
        if (!store || !insert_samples(*store, 1, 10)) return 1;
        if (!limit_file_size(store->stat()->file_bytes + 64 * 4096)) return 2;
        unsigned acknowledged = 10;
        for (unsigned i = 11; i <= 2000; ++i) {
            const auto r = insert_samples(*store, i, i);
            if (!r) {
                line.send(r.error().message());
                break;
            }
            acknowledged = i;
        }
        line.send(std::to_string(acknowledged));
        // Space was made: the same process goes on.
        if (!limit_file_size(std::uint64_t{1} << 30)) return 3;
        return insert_samples(*store, 5000, 5000) ? 0 : 4;
    });
    EXPECT_EQ(child.line().receive(), make_error_code(Errc::disk_full).message());
    const auto acknowledged = static_cast<unsigned>(std::stoul(child.line().receive()));
    EXPECT_EQ(child.wait(), 0);
    auto store = Store::open(temporary.path(), small_store()).value();
    EXPECT_EQ(store.verify().value(), std::vector<std::string>{});
    EXPECT_EQ(store.stat()->tokens, acknowledged + 1);
    Reader reader = store.reader().value();
    const auto snapshot = reader.snapshot().value();
    for (unsigned i = 1; i <= acknowledged; ++i)
        EXPECT_TRUE(snapshot.token_by_key(sample_key(i)).value()) << i;
}

}  // namespace
}  // namespace kwikgate::store
