#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "gateway/telemetry/metrics.hpp"
#include "gateway/telemetry/span.hpp"

namespace kwikgate::gateway {

/// Traced requests on their way from the workers to the exporter. Bounded, its memory taken when
/// the bound is set: what does not fit is dropped and counted. **Threads**: any; a lock is held
/// while records are copied, never while anything is sent.
class SpanQueue {
  public:
    explicit SpanQueue(SpanCounters& counters) : counters_(counters) {}
    SpanQueue(const SpanQueue&) = delete;
    SpanQueue& operator=(const SpanQueue&) = delete;

    /// How many may wait from now on. None: tracing is off, and what waits is dropped.
    void set_capacity(std::size_t records);
    /// Takes the records and empties the vector, whose capacity stays.
    void submit(std::vector<SpanRecord>& records);
    /// Appends the oldest, up to `most` of them.
    void take(std::size_t most, std::vector<SpanRecord>& out);
    std::size_t size() const;
    /// Counts spans of records that were taken and went nowhere.
    void count_dropped(std::size_t spans, SpanDrop why);

  private:
    void count(std::size_t spans, SpanDrop why);

    SpanCounters& counters_;
    mutable std::mutex mutex_;
    std::vector<SpanRecord> ring_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
};

/// One worker's end of it. **Cost**: copying; no allocation and, but for every 128th, no lock.
class SpanBuffer {
  public:
    explicit SpanBuffer(SpanQueue& queue) : queue_(queue) {}
    /// Takes the memory that it will need.
    void prepare() { records_.reserve(kRecords); }
    void add(const SpanRecord& record) {
        records_.push_back(record);
        if (records_.size() >= kRecords) flush();
    }
    /// Hands over what is in it.
    void flush() {
        if (!records_.empty()) queue_.submit(records_);
    }

  private:
    static constexpr std::size_t kRecords = 128;
    SpanQueue& queue_;
    std::vector<SpanRecord> records_;
};

}  // namespace kwikgate::gateway
