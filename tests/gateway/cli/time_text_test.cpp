#include "gateway/cli/time_text.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway::cli {
namespace {

using std::chrono::seconds;

TEST(DurationTest, ReadsACountAndAUnit) {
    EXPECT_EQ(parse_duration("90s"), seconds{90});
    EXPECT_EQ(parse_duration("30m"), seconds{1800});
    EXPECT_EQ(parse_duration("24h"), seconds{86400});
    EXPECT_EQ(parse_duration("7d"), seconds{604800});
    EXPECT_EQ(parse_duration("0"), seconds{0});
    EXPECT_EQ(parse_duration("0s"), seconds{0});
}

TEST(DurationTest, RefusesAnythingElse) {
    for (const char* text : {"", "s", "5", "-1s", "1.5h", "1w", "1h30m", "24 h", " 24h", "24H",
                             "99999999999999999999s", "4000d", "9223372036854775807d"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
}

TEST(SinceTest, CountsADurationBackFromNow) {
    const store::Timestamp now{std::chrono::hours{1000}};
    EXPECT_EQ(parse_since("24h", now), now - std::chrono::hours{24});
    EXPECT_EQ(parse_since("1970-01-01T01:00:00Z", now), store::Timestamp{std::chrono::hours{1}});
    EXPECT_EQ(parse_since("yesterday", now), std::nullopt);
}

TEST(MinuteTest, ShowsUtcToTheMinute) {
    EXPECT_EQ(to_minute(store::Timestamp{std::chrono::milliseconds{90'061'001}}),
              "1970-01-02 01:01");
}

}  // namespace
}  // namespace kwikgate::gateway::cli
