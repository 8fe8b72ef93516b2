#include "gateway/telemetry/warn_limit.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway {
namespace {

using namespace std::chrono_literals;

TEST(WarnLimit, WritesOneLineInAnIntervalAndCountsTheRest) {
    WarnLimit limit;
    const WarnLimit::Time start{};
    EXPECT_EQ(limit.take(start), 0U) << "the first is written, whatever the clock says";
    EXPECT_EQ(limit.take(start), std::nullopt);
    EXPECT_EQ(limit.take(start + 9999ms), std::nullopt);
    EXPECT_EQ(limit.take(start + 10s), 2U);
    EXPECT_EQ(limit.take(start + 11s), std::nullopt);
    EXPECT_EQ(limit.take(start + 60s), 1U);
    EXPECT_EQ(limit.take(start + 120s), 0U);
}

}  // namespace
}  // namespace kwikgate::gateway
