#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/gateway/config/loading.hpp"

namespace kwikgate::gateway {
namespace {

LoadedConfig load_with(const std::string& admin) {
    return load_text(minimal_plus("\"admin\":" + admin));
}

TEST(AdminConfig, ListensOnThisMachineOnlyWithoutACertificate) {
    for (const char* address : {"127.0.0.1:9180", "127.8.8.8:0", "[::1]:9180", "unix:a.sock", ""})
        EXPECT_TRUE(load_with(R"({"address": ")" + std::string(address) + "\"}").ok()) << address;
    for (const char* address : {"0.0.0.0:9180", "[::]:9180", "192.0.2.1:9180", "[2001:db8::1]:9180",
                                "[::ffff:10.0.0.1]:1"}) {
        const std::string member = R"({"address": ")" + std::string(address) + '"';
        EXPECT_FALSE(load_with(member + "}").ok()) << address;
        EXPECT_TRUE(load_with(member + R"(, "certificate_file": "a.pem"})").ok()) << address;
    }
}

TEST(AdminConfig, RefusesWhatIsNoAddress) {
    for (const char* address : {"localhost:9180", "127.0.0.1", "9180", "unix:", ":9180"})
        EXPECT_FALSE(load_with(R"({"address": ")" + std::string(address) + "\"}").ok()) << address;
    const std::string long_path(108, 'a');
    EXPECT_FALSE(load_with(R"({"address": "unix:)" + long_path + "\"}").ok());
}

TEST(AdminConfig, ResolvesPathsAgainstTheFilesFolder) {
    const LoadedConfig loaded =
        load_with(R"({"address": "unix:run/a.sock", "certificate_file": "a.pem"})");
    EXPECT_EQ(loaded.config.admin.address, "unix:/etc/kwikgate/run/a.sock");
    EXPECT_EQ(loaded.config.admin.certificate_file, "/etc/kwikgate/a.pem");
}

TEST(AdminConfig, RefusesASessionThatIsIdleLongerThanItLives) {
    const LoadedConfig loaded = load_with(R"({"session_idle": "2h", "session_lifetime": "1h"})");
    ASSERT_EQ(loaded.problems.size(), 1U);
    EXPECT_EQ(loaded.problems[0].pointer, "/admin");
}

}  // namespace
}  // namespace kwikgate::gateway
