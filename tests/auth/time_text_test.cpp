#include "auth/time_text.hpp"

#include <gtest/gtest.h>

namespace kwikgate::auth {
namespace {

using store::Timestamp;

Timestamp at(std::int64_t milliseconds) {
    return Timestamp{std::chrono::milliseconds{milliseconds}};
}

TEST(ParseTimestamp, TakesRfc3339) {
    const struct {
        std::string_view text;
        std::int64_t milliseconds;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00.001Z", 1},
        {"1970-01-01t00:00:01z", 1000},
        {"1985-04-12T23:20:50.52Z", 482196050520},
        {"1996-12-19T16:39:57-08:00", 851042397000},
        {"1990-12-31T23:59:60Z", 662688000000},
        {"1990-12-31T15:59:60-08:00", 662688000000},
        {"1937-01-01T12:00:27.87+00:20", -1041337172130},
        {"2026-11-24T07:47:17.123Z", 1795506437123},
        {"2026-11-24T07:47:17.1239999999999999999999Z", 1795506437123},
        {"2026-11-24T07:47:17-00:00", 1795506437000},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"9999-12-31T23:59:59.999Z", 253402300799999},
        {"0000-01-01T00:00:00Z", -62167219200000},
        {"2026-11-24T00:30:00+23:59", 1795393860000},
    };
    for (const auto& c : cases) {
        const auto time = parse_timestamp(c.text);
        ASSERT_TRUE(time) << c.text;
        EXPECT_EQ(time->time_since_epoch().count(), c.milliseconds) << c.text;
    }
}

TEST(ParseTimestamp, RefusesEverythingElse) {
    for (const std::string_view text : {"",
                                        "2026",
                                        "2026-11-24",
                                        "2026-11-24T07:47Z",
                                        "2026-11-24T07:47:17",
                                        "2026-11-24 07:47:17Z",
                                        "2026-11-24T07:47:17.Z",
                                        "2026-11-24T07:47:17,5Z",
                                        "2026-11-24T07:47:17Z ",
                                        " 2026-11-24T07:47:17Z",
                                        "2026-11-24T07:47:17ZZ",
                                        "2026-11-24T07:47:17+1:00",
                                        "2026-11-24T07:47:17+0100",
                                        "2026-11-24T07:47:17+24:00",
                                        "2026-11-24T07:47:17+01:60",
                                        "2026-13-24T07:47:17Z",
                                        "2026-00-24T07:47:17Z",
                                        "2026-11-31T07:47:17Z",
                                        "2026-11-00T07:47:17Z",
                                        "2025-02-29T00:00:00Z",
                                        "2100-02-29T00:00:00Z",
                                        "2026-11-24T24:00:00Z",
                                        "2026-11-24T07:60:00Z",
                                        "2026-11-24T07:47:61Z",
                                        "2026-11-24T07:47:60Z",
                                        "2026-11-24T23:59:60Z",
                                        "1990-12-31T23:59:60-08:00",
                                        "20261124T074717Z",
                                        "+2026-11-24T07:47:17Z",
                                        "26-11-24T07:47:17Z",
                                        "2026-1-24T07:47:17Z",
                                        "2026-11-24T7:47:17Z",
                                        "-026-11-24T07:47:17Z",
                                        "2026/11/24T07:47:17Z",
                                        "2026-11-24T07.47.17Z",
                                        "tomorrow",
                                        "1795506437"})
        EXPECT_FALSE(parse_timestamp(text)) << text;
    EXPECT_FALSE(parse_timestamp(std::string_view("2026-11-24T07:47:17Z\0", 21)));
}

TEST(TimestampText, IsFixedInWidthAndParsesBack) {
    for (const std::int64_t ms :
         {0LL, 1LL, -1LL, 1795506437123LL, 253402300799999LL, -62167219200000LL, 951782400000LL}) {
        const std::string text = to_text(at(ms));
        EXPECT_EQ(text.size(), kTimestampTextBytes);
        EXPECT_EQ(parse_timestamp(text), at(ms)) << text;
    }
    EXPECT_EQ(to_text(at(1795506437123)), "2026-11-24T07:47:17.123Z");
    EXPECT_EQ(to_text(at(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(TimestampText, IsTotal) {
    EXPECT_EQ(to_text(Timestamp::max()), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(to_text(Timestamp::min()), "0000-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace kwikgate::auth
