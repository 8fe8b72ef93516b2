#include "gateway/telemetry/sampler.hpp"

#include <gtest/gtest.h>

#include "gateway/http/request_id.hpp"

namespace kwikgate::gateway {
namespace {

Sampler sampler(std::uint32_t per_million, bool follows_proxies = false) {
    TracingConfig config;
    config.endpoint = "http://127.0.0.1:4318";
    config.sample_per_million = per_million;
    config.follow_proxies = follows_proxies;
    return Sampler(config);
}

constexpr auto kEveryParent = {ParentTrace::none, ParentTrace::sampled, ParentTrace::not_sampled};

TEST(SamplerTest, IsOffWithoutAnEndpoint) {
    EXPECT_FALSE(Sampler().is_on());
    EXPECT_FALSE(Sampler(TracingConfig{}).is_on());
    EXPECT_TRUE(sampler(0).is_on());
}

TEST(SamplerTest, TakesTheShareThatIsConfigured) {
    http::IdSource random({1, 2, 3, 4});
    for (const std::uint32_t share : {0U, 1'000U, 250'000U, 1'000'000U}) {
        const Sampler some = sampler(share);
        unsigned taken = 0;
        for (unsigned i = 0; i < 100'000; ++i)
            if (some.takes(ParentTrace::none, false, random.next())) ++taken;
        const double expected = share / 10.0;
        EXPECT_NEAR(taken, expected, expected == 0 || share == 1'000'000 ? 0 : 0.1 * expected + 50);
    }
}

TEST(SamplerTest, NoStrangerDecidesWhetherItIsSampled) {
    for (const bool follows : {false, true}) {
        for (const ParentTrace parent : kEveryParent) {
            EXPECT_FALSE(sampler(0, follows).takes(parent, false, 0));
            EXPECT_TRUE(sampler(1'000'000, follows).takes(parent, false, ~0ULL));
        }
    }
}

TEST(SamplerTest, ATrustedProxyDecidesOnlyWhereItIsFollowed) {
    for (const ParentTrace parent : kEveryParent) {
        EXPECT_FALSE(sampler(0).takes(parent, true, 0));
        EXPECT_TRUE(sampler(1'000'000).takes(parent, true, 0));
    }
    EXPECT_TRUE(sampler(0, true).takes(ParentTrace::sampled, true, 0));
    EXPECT_FALSE(sampler(1'000'000, true).takes(ParentTrace::not_sampled, true, 0));
    EXPECT_FALSE(sampler(0, true).takes(ParentTrace::none, true, 0));
    EXPECT_TRUE(sampler(1'000'000, true).takes(ParentTrace::none, true, 0));
}

}  // namespace
}  // namespace kwikgate::gateway
