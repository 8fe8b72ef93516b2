#include "gateway/proxy/name_refresher.hpp"

#include <gtest/gtest.h>
#include <algorithm>
#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <vector>

namespace kwikgate::gateway::proxy {
namespace {

using std::chrono::milliseconds;
constexpr std::chrono::seconds kDeadline{20};

AddressList loopback(std::uint16_t port) {
    AddressList list;
    EXPECT_EQ(look_up("127.0.0.1", std::to_string(port), list), "");
    return list;
}

Upstream upstream_of(const std::string& node, milliseconds interval) {
    Upstream upstream;
    upstream.config.name = "main";
    upstream.config.resolve_interval = interval;
    ServerEndpoint server;
    server.name = node + ":1";
    server.node = node;
    server.port = "1";
    server.state = std::make_shared<ServerState>(loopback(1));
    upstream.servers.push_back(server);
    return upstream;
}

bool becomes(const ServerState& state, const AddressList& wanted) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (std::chrono::steady_clock::now() < end) {
        std::uint32_t version = 0;
        AddressList now;
        state.refresh(version, now);
        if (now.has_the_same_as(wanted)) return true;
        std::this_thread::yield();
    }
    return false;
}

/// A name server in memory. Shared: a lookup may outlive the refresher.
struct FakeNames {
    std::mutex mutex;
    std::uint16_t port = 2;  ///< 0: the name is lost.
    unsigned failures = 0;
    std::vector<std::string> asked;

    std::string look_up(const std::string& node, AddressList& out) {
        const std::lock_guard lock(mutex);
        asked.push_back(node);
        if (port == 0) {
            ++failures;
            return "lost";
        }
        out = loopback(port);
        return "";
    }
};

NameRefresher::LookUp looking_at(const std::shared_ptr<FakeNames>& names) {
    return [names](const std::string& node, const std::string&, AddressList& out) {
        return names->look_up(node, out);
    };
}

TEST(NameRefresher, FollowsANameAndKeepsWhatItHadWhenItIsLost) {
    const auto names = std::make_shared<FakeNames>();
    NameRefresher refresher(looking_at(names));
    const std::vector<Upstream> upstreams{upstream_of("api.test", milliseconds(1))};
    const ServerState& state = *upstreams[0].servers[0].state;
    refresher.watch(upstreams);
    EXPECT_TRUE(becomes(state, loopback(2)));
    {
        const std::lock_guard lock(names->mutex);
        names->port = 0;
    }
    for (bool has_failed = false; !has_failed; std::this_thread::yield()) {
        const std::lock_guard lock(names->mutex);
        has_failed = names->failures > 2;
    }
    EXPECT_TRUE(becomes(state, loopback(2)));
    {
        const std::lock_guard lock(names->mutex);
        names->port = 3;
    }
    EXPECT_TRUE(becomes(state, loopback(3)));
}

TEST(NameRefresher, LeavesAddressesAndNamesWithoutAnIntervalAlone) {
    NameRefresher refresher([](const std::string& node, const std::string&, AddressList&) {
        ADD_FAILURE() << node;
        return std::string();
    });
    refresher.watch({upstream_of("10.0.0.1", milliseconds(1)), upstream_of("::1", milliseconds(1)),
                     upstream_of("api.test", milliseconds(0))});
}

TEST(NameRefresher, ForgetsWhatIsWatchedNoMore) {
    const auto names = std::make_shared<FakeNames>();
    NameRefresher refresher(looking_at(names));
    const std::vector<Upstream> upstreams{upstream_of("new.test", milliseconds(1))};
    // Often, so that some of them are taken away while they are waited for.
    for (int i = 0; i < 1000; ++i)
        refresher.watch({upstream_of("old.test", std::chrono::hours(1))});
    refresher.watch(upstreams);
    EXPECT_TRUE(becomes(*upstreams[0].servers[0].state, loopback(2)));
    const std::lock_guard lock(names->mutex);
    EXPECT_EQ(names->asked.front(), "new.test");
    EXPECT_EQ(std::count(names->asked.begin(), names->asked.end(), "old.test"), 0);
}

TEST(NameRefresher, DoesNotWaitForALookupThatHangs) {
    auto begun = std::make_shared<std::promise<void>>();
    auto release = std::make_shared<std::promise<void>>();
    auto ended = std::make_shared<std::promise<void>>();
    const auto upstream = upstream_of("slow.test", milliseconds(1));
    {
        NameRefresher refresher(
            [begun, release, ended](const std::string&, const std::string&, AddressList& out) {
                begun->set_value();
                release->get_future().wait();
                out = loopback(7);
                ended->set_value();
                return std::string();
            });
        refresher.watch({upstream});
        begun->get_future().wait();
    }
    release->set_value();
    ended->get_future().wait();
    std::uint32_t version = 0;
    AddressList now;
    upstream.servers[0].state->refresh(version, now);
    EXPECT_TRUE(now.has_the_same_as(loopback(1)));
}

}  // namespace
}  // namespace kwikgate::gateway::proxy
