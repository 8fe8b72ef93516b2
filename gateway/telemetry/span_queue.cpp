#include "gateway/telemetry/span_queue.hpp"

#include <algorithm>

namespace kwikgate::gateway {

/// Under the lock, which is why more than one thread may count.
void SpanQueue::count(std::size_t spans, SpanDrop why) {
    counters_.dropped[static_cast<std::size_t>(why)].add(spans);
}

void SpanQueue::set_capacity(std::size_t records) {
    std::vector<SpanRecord> next(records);
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < size_; ++i) {
        const SpanRecord& record = ring_[(first_ + i) % ring_.size()];
        if (i < records) {
            next[i] = record;
        } else {
            count(record.spans(), records == 0 ? SpanDrop::switched_off : SpanDrop::queue_full);
        }
    }
    ring_.swap(next);
    first_ = 0;
    size_ = std::min(size_, records);
}

void SpanQueue::submit(std::vector<SpanRecord>& records) {
    {
        const std::lock_guard lock(mutex_);
        for (const SpanRecord& record : records) {
            if (size_ < ring_.size()) {
                ring_[(first_ + size_++) % ring_.size()] = record;
            } else {
                count(record.spans(),
                      ring_.empty() ? SpanDrop::switched_off : SpanDrop::queue_full);
            }
        }
    }
    records.clear();
}

void SpanQueue::count_dropped(std::size_t spans, SpanDrop why) {
    const std::lock_guard lock(mutex_);
    count(spans, why);
}

void SpanQueue::take(std::size_t most, std::vector<SpanRecord>& out) {
    const std::lock_guard lock(mutex_);
    for (std::size_t left = std::min(most, size_); left > 0; --left) {
        out.push_back(ring_[first_]);
        first_ = (first_ + 1) % ring_.size();
        --size_;
    }
}

std::size_t SpanQueue::size() const {
    const std::lock_guard lock(mutex_);
    return size_;
}

}  // namespace kwikgate::gateway
