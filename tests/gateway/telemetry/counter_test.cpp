#include "gateway/telemetry/counter.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "gateway/telemetry/row_table.hpp"
#include "gateway/telemetry/series_names.hpp"

namespace kwikgate::gateway {
namespace {

TEST(Counter, NeverRunsBackForAThreadThatReadsWhileItCounts) {
    Counter counter;
    std::thread writer([&] {
        for (int i = 0; i < 100'000; ++i) counter.add();
    });
    std::uint64_t last = 0;
    while (last < 100'000) {
        const std::uint64_t seen = counter.value();
        ASSERT_GE(seen, last);
        last = seen;
    }
    writer.join();
    EXPECT_EQ(counter.value(), 100'000U);
}

TEST(LatencyHistogram, PutsAValueInTheFirstBucketWhoseBoundItDoesNotExceed) {
    LatencyHistogram histogram;
    histogram.record(0);
    histogram.record(20);
    histogram.record(21);
    histogram.record(50'000'000);
    histogram.record(50'000'001);
    EXPECT_EQ(histogram.bucket(0), 2U);
    EXPECT_EQ(histogram.bucket(1), 1U);
    EXPECT_EQ(histogram.bucket(kLatencyBounds.size() - 1), 1U);
    EXPECT_EQ(histogram.bucket(kLatencyBounds.size()), 1U);
    EXPECT_EQ(histogram.sum_microseconds(), 100'000'042U);
}

TEST(RowTable, KeepsRowsInPlaceAsItGrows) {
    RowTable<Counter, 4, 4> table;
    EXPECT_EQ(table.find(0), nullptr);
    table.make_room(3);
    table.row(3).add(7);
    const Counter* row = table.find(3);
    EXPECT_EQ(table.find(4), nullptr);
    table.make_room(16);
    EXPECT_EQ(table.find(3), row);
    EXPECT_EQ(table.find(3)->value(), 7U);
    EXPECT_NE(table.find(15), nullptr);
    EXPECT_EQ(table.find(16), nullptr);
    table.make_room(1000);
    EXPECT_EQ(table.find(16), nullptr);
}

TEST(SeriesNames, GivesAPairOneSlotForGood) {
    SeriesNames names(10);
    EXPECT_EQ(names.slot("GET", "/a"), 0U);
    EXPECT_EQ(names.slot("POST", "/a"), 1U);
    EXPECT_EQ(names.slot("GET", "/a"), 0U);
    EXPECT_EQ(names.size(), 2U);
}

TEST(SeriesNames, SharesTheLastSlotWhenAllAreTaken) {
    SeriesNames names(3);
    names.slot("GET", "/a");
    names.slot("GET", "/b");
    EXPECT_EQ(names.slot("GET", "/c"), 2U);
    EXPECT_EQ(names.slot("GET", "/d"), 2U);
    EXPECT_EQ(names.slot("GET", "/b"), 1U);
    EXPECT_EQ(names.all().at(2), SeriesNames::Name("other", "other"));
    EXPECT_EQ(names.size(), 3U);
}

}  // namespace
}  // namespace kwikgate::gateway
