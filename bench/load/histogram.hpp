#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace kwikgate::bench {

/// Counts of times in nanoseconds with a relative error below 0.4%, whatever their size: 256 steps
/// an octave. **Threads**: one; `merge` brings several together. **Cost**: `record` is a few
/// instructions; 72 KiB.
class Histogram {
  public:
    Histogram();
    void record(std::uint64_t nanoseconds);
    /// For a closed loop: a sender that was to send every `expected_interval` and was kept waiting
    /// longer also failed to send the requests in between, which would have waited the rest of the
    /// time. Those are added (coordinated omission).
    void record_corrected(std::uint64_t nanoseconds, std::uint64_t expected_interval);
    void merge(const Histogram& other);

    std::uint64_t count() const { return count_; }
    std::uint64_t max() const { return max_; }
    double mean() const;
    /// The smallest recorded time that at least `share` (0 to 1) of all do not exceed; 0 when
    /// empty.
    std::uint64_t at_share(double share) const;
    /// Visits every step that has a count: its upper end and how many lie at or below it.
    void each(const std::function<void(std::uint64_t nanoseconds, std::uint64_t cumulative)>& visit)
        const;

  private:
    static std::size_t step_of(std::uint64_t nanoseconds);
    static std::uint64_t upper_end(std::size_t step);

    std::vector<std::uint64_t> counts_;
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
    double sum_ = 0;
};

}  // namespace kwikgate::bench
