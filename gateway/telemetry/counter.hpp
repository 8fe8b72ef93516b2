#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

/// Numbers that one worker changes and any thread may read. A change is a plain load and a plain
/// store: no locked instruction and, as every worker has its own, no cache line that two write.
namespace kwikgate::gateway {

/// Only ever grows. **Threads**: one adds, any read.
class Counter {
  public:
    void add(std::uint64_t n = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// What is so at the moment. **Threads**: one sets, any read.
class Gauge {
  public:
    void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// Upper bounds of the latency buckets, in microseconds: 1, 2, 5 from 20 us to 50 s.
inline constexpr std::array<std::uint64_t, 20> kLatencyBounds = {
    20,        50,        100,       200,        500,        1'000,     2'000,
    5'000,     10'000,    20'000,    50'000,     100'000,    200'000,   500'000,
    1'000'000, 2'000'000, 5'000'000, 10'000'000, 20'000'000, 50'000'000};

/// Latencies by bucket, the last one for what is over every bound. **Threads**: as Counter.
/// **Cost**: a few compares and two stores.
class LatencyHistogram {
  public:
    static constexpr std::size_t kBuckets = kLatencyBounds.size() + 1;

    void record(std::uint64_t microseconds) {
        std::size_t bucket = 0;
        while (bucket < kLatencyBounds.size() && microseconds > kLatencyBounds[bucket]) ++bucket;
        buckets_[bucket].add();
        sum_.add(microseconds);
    }
    std::uint64_t bucket(std::size_t index) const { return buckets_[index].value(); }
    std::uint64_t sum_microseconds() const { return sum_.value(); }

  private:
    std::array<Counter, kBuckets> buckets_;
    Counter sum_;
};

}  // namespace kwikgate::gateway
