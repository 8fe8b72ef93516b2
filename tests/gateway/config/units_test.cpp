#include "gateway/config/units.hpp"

#include <gtest/gtest.h>

namespace kwikgate::gateway {
namespace {

using std::chrono::milliseconds;

TEST(Units, ReadsDurations) {
    EXPECT_EQ(parse_duration("0s"), milliseconds(0));
    EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
    EXPECT_EQ(parse_duration("30s"), milliseconds(30'000));
    EXPECT_EQ(parse_duration("5m"), milliseconds(300'000));
    EXPECT_EQ(parse_duration("24h"), milliseconds(86'400'000));
}

TEST(Units, ReadsSizes) {
    EXPECT_EQ(parse_size("0B"), 0U);
    EXPECT_EQ(parse_size("512B"), 512U);
    EXPECT_EQ(parse_size("64KiB"), 65536U);
    EXPECT_EQ(parse_size("1MiB"), 1048576U);
    EXPECT_EQ(parse_size("2GiB"), std::size_t{2} << 30);
    EXPECT_EQ(parse_size("16TiB"), std::size_t{16} << 40);
}

TEST(Units, RefusesEverythingElse) {
    for (const char* text :
         {"", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "5S", "5min", "5d", "1h30m",
          "99999999999999999999s", "9223372036854775807h", "0x5s"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    for (const char* text : {"", "5", "B", "5 B", "5kB", "5K", "5KB", "5kib", "-5B", "1.5MiB",
                             "18446744073709551615TiB", "8388608TiB"})
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

TEST(Units, WritesWhatItReadsBack) {
    for (const char* text : {"0s", "1ms", "1500ms", "75s", "5m", "90m", "24h"})
        EXPECT_EQ(format_duration(*parse_duration(text)), text);
    for (const char* text : {"0B", "1B", "1023B", "8KiB", "1MiB", "1536KiB", "64GiB", "16TiB"})
        EXPECT_EQ(format_size(*parse_size(text)), text);
}

}  // namespace
}  // namespace kwikgate::gateway
