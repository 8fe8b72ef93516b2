#include "gateway/proxy/server_state.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace kwikgate::gateway::proxy {
namespace {

SocketAddress address(const char* text, std::uint16_t port) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    ::inet_pton(AF_INET, text, &v4.sin_addr);
    SocketAddress made;
    EXPECT_TRUE(made.assign(reinterpret_cast<const sockaddr*>(&v4), sizeof v4));
    return made;
}

AddressList list(std::initializer_list<const char*> texts) {
    AddressList made;
    for (const char* text : texts) made.add(address(text, 80));
    return made;
}

TEST(SocketAddress, DiffersByAddressAndPort) {
    EXPECT_EQ(address("10.0.0.1", 80), address("10.0.0.1", 80));
    EXPECT_NE(address("10.0.0.1", 80), address("10.0.0.1", 81));
    EXPECT_NE(address("10.0.0.1", 80), address("10.0.0.2", 80));
}

TEST(SocketAddress, TakesNoOtherFamily) {
    sockaddr other{};
    other.sa_family = AF_UNIX;
    EXPECT_FALSE(SocketAddress().assign(&other, sizeof other));
}

TEST(AddressList, HoldsAsManyAsItMay) {
    AddressList made;
    for (std::uint16_t port = 1; port < 20; ++port) made.add(address("10.0.0.1", port));
    EXPECT_EQ(made.size, AddressList::kMax);
    EXPECT_TRUE(made.contains(address("10.0.0.1", 8)));
    EXPECT_FALSE(made.contains(address("10.0.0.1", 9)));
}

TEST(ServerState, HandsOutAddressesOncePerChange) {
    ServerState state(list({"10.0.0.1"}));
    std::uint32_t version = 0;
    AddressList got;
    EXPECT_TRUE(state.refresh(version, got));
    EXPECT_TRUE(got.contains(address("10.0.0.1", 80)));
    EXPECT_FALSE(state.refresh(version, got));
    EXPECT_TRUE(state.replace(list({"10.0.0.2"})));
    EXPECT_TRUE(state.refresh(version, got));
    EXPECT_EQ(got.size, 1U);
    EXPECT_TRUE(got.contains(address("10.0.0.2", 80)));
}

TEST(ServerState, TakesAnotherOrderForNoChange) {
    ServerState state(list({"10.0.0.1", "10.0.0.2"}));
    EXPECT_FALSE(state.replace(list({"10.0.0.2", "10.0.0.1"})));
    EXPECT_TRUE(state.replace(list({"10.0.0.1"})));
    EXPECT_TRUE(state.replace(list({"10.0.0.1", "10.0.0.3"})));
}

TEST(ServerState, IsUpUntilItIsSaidToBeDown) {
    ServerState state(list({"10.0.0.1"}));
    EXPECT_FALSE(state.is_down());
    state.set_down(true);
    EXPECT_TRUE(state.is_down());
}

TEST(LookUp, FindsAddressesAndSaysWhyItDoesNot) {
    AddressList found;
    EXPECT_EQ(look_up("127.0.0.1", "8080", found), "");
    ASSERT_EQ(found.size, 1U);
    EXPECT_EQ(found.addresses[0], address("127.0.0.1", 8080));
    EXPECT_EQ(look_up("::1", "8080", found), "");
    EXPECT_EQ(found.addresses[0].family(), AF_INET6);
    EXPECT_NE(look_up("127.0.0.1", "http", found), "");
}

}  // namespace
}  // namespace kwikgate::gateway::proxy
