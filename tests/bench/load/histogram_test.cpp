#include "bench/load/histogram.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace kwikgate::bench {
namespace {

TEST(Histogram, IsExactForSmallValues) {
    Histogram histogram;
    for (std::uint64_t value = 1; value <= 100; ++value) histogram.record(value);
    EXPECT_EQ(histogram.count(), 100U);
    EXPECT_EQ(histogram.at_share(0.5), 50U);
    EXPECT_EQ(histogram.at_share(0.99), 99U);
    EXPECT_EQ(histogram.at_share(1), 100U);
    EXPECT_EQ(histogram.at_share(0), 1U);
    EXPECT_DOUBLE_EQ(histogram.mean(), 50.5);
}

TEST(Histogram, StaysWithinItsErrorOverTenOctaves) {
    std::mt19937_64 random(7);
    std::vector<std::uint64_t> values;
    Histogram histogram;
    for (int i = 0; i < 20'000; ++i) {
        const auto value = static_cast<std::uint64_t>(
            std::exp2(10 + static_cast<double>(random() % 20'000) / 1000));
        values.push_back(value);
        histogram.record(value);
    }
    std::sort(values.begin(), values.end());
    for (const double share : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
        const auto rank = static_cast<std::size_t>(std::ceil(share * 20'000)) - 1;
        const auto exact = static_cast<double>(values[rank]);
        const auto found = static_cast<double>(histogram.at_share(share));
        EXPECT_GE(found, exact) << share;
        EXPECT_LE(found, exact * 1.004) << share;
    }
    EXPECT_EQ(histogram.max(), values.back());
}

TEST(Histogram, NeverTellsMoreThanTheMaximum) {
    Histogram histogram;
    histogram.record(1'000'001);
    EXPECT_EQ(histogram.at_share(0.5), 1'000'001U);
    EXPECT_EQ(histogram.at_share(1), 1'000'001U);
}

TEST(Histogram, TakesTimesBeyondItsRange) {
    Histogram histogram;
    histogram.record(~std::uint64_t{0} >> 1);
    EXPECT_EQ(histogram.count(), 1U);
    EXPECT_EQ(histogram.max(), ~std::uint64_t{0} >> 1);
}

TEST(Histogram, AddsTheRequestsThatAStallKeptBack) {
    Histogram histogram;
    histogram.record_corrected(1000, 100);
    // 1000 itself, then those that were to be sent 100, 200 ... later: 900 down to 100.
    EXPECT_EQ(histogram.count(), 10U);
    EXPECT_DOUBLE_EQ(histogram.mean(), 550);
    Histogram punctual;
    punctual.record_corrected(150, 100);
    EXPECT_EQ(punctual.count(), 1U);
    Histogram plain;
    plain.record_corrected(1000, 0);
    EXPECT_EQ(plain.count(), 1U);
}

TEST(Histogram, MergesAsIfRecordedInOne) {
    Histogram left;
    Histogram right;
    Histogram both;
    for (std::uint64_t i = 1; i < 5000; ++i) {
        (i % 3 == 0 ? left : right).record(i * 77);
        both.record(i * 77);
    }
    left.merge(right);
    EXPECT_EQ(left.count(), both.count());
    EXPECT_EQ(left.max(), both.max());
    for (const double share : {0.1, 0.5, 0.9, 0.9999})
        EXPECT_EQ(left.at_share(share), both.at_share(share));
}

TEST(Histogram, VisitsStepsInOrderUpToTheWholeCount) {
    Histogram histogram;
    for (std::uint64_t i = 1; i < 3000; ++i) histogram.record(i * i);
    std::uint64_t last_time = 0;
    std::uint64_t last_count = 0;
    histogram.each([&](std::uint64_t nanoseconds, std::uint64_t cumulative) {
        EXPECT_GT(nanoseconds, last_time);
        EXPECT_GT(cumulative, last_count);
        last_time = nanoseconds;
        last_count = cumulative;
    });
    EXPECT_EQ(last_count, histogram.count());
    EXPECT_EQ(last_time, histogram.max());
}

TEST(Histogram, IsZeroWhenEmpty) {
    const Histogram histogram;
    EXPECT_EQ(histogram.at_share(0.99), 0U);
    EXPECT_EQ(histogram.max(), 0U);
    EXPECT_DOUBLE_EQ(histogram.mean(), 0);
}

}  // namespace
}  // namespace kwikgate::bench
