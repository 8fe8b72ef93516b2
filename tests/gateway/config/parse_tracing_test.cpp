#include <gtest/gtest.h>

#include "gateway/config/text_rules.hpp"
#include "tests/gateway/config/loading.hpp"

namespace kwikgate::gateway {
namespace {

LoadedConfig load_with(const std::string& tracing) {
    return load_text(minimal_plus("\"tracing\":" + tracing));
}

TEST(TracingConfigTest, IsOffUntilItHasAnEndpoint) {
    EXPECT_FALSE(load_with("{}").config.tracing.is_enabled());
    EXPECT_TRUE(load_with(R"({"endpoint": "http://c:1"})").config.tracing.is_enabled());
}

TEST(TracingConfigTest, TakesUrlsOfCollectors) {
    for (const char* good :
         {"", "http://127.0.0.1:4318", "https://collector.example.com:443/",
          "https://[::1]:4318/v1/traces", "http://collector:4318/otlp/v1/traces"})
        EXPECT_FALSE(collector_url_problem(good)) << good;
    for (const char* bad : {"collector:4318", "grpc://c:1", "http://c", "http://c:0",
                            "http://u:p@c:1", "http://c:1/a?key=1", "http://c:1/a#b",
                            "http://c:1/a b", "http://:1", "https:///v1/traces", "http://c:1\\v1"})
        EXPECT_TRUE(collector_url_problem(bad)) << bad;
}

TEST(TracingConfigTest, SendsNoSecretInTheClearToAnotherMachine) {
    const auto with = [](const std::string& endpoint) {
        return load_with(R"({"endpoint": ")" + endpoint + R"(", "headers_file": "key"})");
    };
    for (const char* good : {"https://collector.example.com:443", "http://127.0.0.1:4318",
                             "http://localhost:4318/x", "http://[::1]:4318"})
        EXPECT_TRUE(with(good).ok()) << good;
    for (const char* bad : {"http://collector.example.com:4318", "http://10.0.0.1:4318",
                            "http://localhost.example.com:1", "http://[2001:db8::1]:4318"}) {
        const LoadedConfig loaded = with(bad);
        ASSERT_EQ(loaded.problems.size(), 1U) << bad;
        EXPECT_EQ(loaded.problems[0].pointer, "/tracing");
    }
}

TEST(TracingConfigTest, WantsAnAuthorityOnlyForHttps) {
    EXPECT_TRUE(load_with(R"({"endpoint": "https://c:1", "ca_file": "ca.pem"})").ok());
    EXPECT_FALSE(load_with(R"({"endpoint": "http://c:1", "ca_file": "ca.pem"})").ok());
}

TEST(TracingConfigTest, ResolvesPathsAgainstTheFilesFolder) {
    const LoadedConfig loaded =
        load_with(R"({"endpoint": "https://c:1", "ca_file": "ca.pem", "headers_file": "key"})");
    EXPECT_EQ(loaded.config.tracing.ca_file, "/etc/kwikgate/ca.pem");
    EXPECT_EQ(loaded.config.tracing.headers_file, "/etc/kwikgate/key");
}

}  // namespace
}  // namespace kwikgate::gateway
