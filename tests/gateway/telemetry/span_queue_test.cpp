#include "gateway/telemetry/span_queue.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace kwikgate::gateway {
namespace {

SpanRecord record(unsigned number, bool went_upstream = false) {
    SpanRecord out;
    out.status = number;
    out.upstream_begun_at = went_upstream ? 1 : 0;
    return out;
}

class SpanQueueTest : public testing::Test {
  protected:
    std::uint64_t dropped(SpanDrop why) const {
        return counters_.dropped[static_cast<std::size_t>(why)].value();
    }
    void submit(unsigned first, unsigned count) {
        std::vector<SpanRecord> records;
        records.reserve(count);
        for (unsigned i = 0; i < count; ++i) records.push_back(record(first + i));
        queue_.submit(records);
        EXPECT_TRUE(records.empty());
    }
    std::vector<unsigned> take(std::size_t most) {
        std::vector<SpanRecord> records;
        queue_.take(most, records);
        std::vector<unsigned> out;
        out.reserve(records.size());
        for (const SpanRecord& taken : records) out.push_back(taken.status);
        return out;
    }
    SpanCounters counters_;
    SpanQueue queue_{counters_};
};

TEST_F(SpanQueueTest, GivesTheOldestFirstRoundAndRound) {
    queue_.set_capacity(5);
    for (unsigned i = 0; i < 20; i += 4) {
        submit(i, 4);
        EXPECT_EQ(take(3), (std::vector<unsigned>{i, i + 1, i + 2}));
        EXPECT_EQ(take(3), std::vector<unsigned>{i + 3});
    }
    EXPECT_EQ(queue_.size(), 0U);
}

TEST_F(SpanQueueTest, DropsAndCountsTheSpansThatDoNotFit) {
    queue_.set_capacity(2);
    std::vector<SpanRecord> records = {record(1), record(2), record(3), record(4, true)};
    queue_.submit(records);
    EXPECT_EQ(dropped(SpanDrop::queue_full), 3U);
    EXPECT_EQ(take(9), (std::vector<unsigned>{1, 2}));
}

TEST_F(SpanQueueTest, TakesNothingUntilItHasRoomAndAfterItWasSwitchedOff) {
    submit(1, 2);
    EXPECT_EQ(dropped(SpanDrop::switched_off), 2U);
    queue_.set_capacity(4);
    submit(1, 3);
    queue_.set_capacity(0);
    EXPECT_EQ(dropped(SpanDrop::switched_off), 5U);
    EXPECT_EQ(take(9), std::vector<unsigned>{});
    EXPECT_EQ(dropped(SpanDrop::queue_full), 0U);
}

TEST_F(SpanQueueTest, AnotherSizeKeepsTheOldestThatFit) {
    queue_.set_capacity(4);
    submit(0, 2);
    take(2);
    submit(2, 4);  // Wraps.
    queue_.set_capacity(3);
    EXPECT_EQ(dropped(SpanDrop::queue_full), 1U);
    queue_.set_capacity(8);
    EXPECT_EQ(take(9), (std::vector<unsigned>{2, 3, 4}));
}

TEST_F(SpanQueueTest, LosesNoneUncountedWhileManySubmit) {
    queue_.set_capacity(64);
    constexpr std::uint64_t kEach = 5'000;
    std::uint64_t taken = 0;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 2; ++i)
        threads.emplace_back([this] {
            SpanBuffer buffer(queue_);
            buffer.prepare();
            for (unsigned j = 0; j < kEach; ++j) buffer.add(record(j));
            buffer.flush();
        });
    for (unsigned i = 0; i < 1'000; ++i) taken += take(50).size();
    for (std::thread& thread : threads) thread.join();
    taken += take(64).size();
    EXPECT_EQ(taken + dropped(SpanDrop::queue_full), 2 * kEach);
}

}  // namespace
}  // namespace kwikgate::gateway
