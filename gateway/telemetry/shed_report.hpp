#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "gateway/telemetry/metrics.hpp"

namespace kwikgate::gateway {

/// What the log is told of workers that shed requests: when the first begins, and when none does
/// any more. At most a line in `kLeastBetween`, so that workers on the edge do not fill the log;
/// spells that follow each other faster are told as one. It looks at what the workers publish, so
/// none of them ever waits for the log. **Borrows** the metrics. **Threads**: one.
class ShedReport {
  public:
    static constexpr std::chrono::seconds kLeastBetween{10};
    /// How often to look. A worker that has begun sheds for longer than that.
    static constexpr std::chrono::milliseconds kLookEvery{500};

    explicit ShedReport(const Metrics& metrics) : metrics_(metrics) {}
    /// The line for the log; empty: there is nothing to tell.
    std::string look(SteadyTime now);

  private:
    /// Requests that were refused with `overloaded` before their route was looked at.
    std::uint64_t turned_away() const;

    const Metrics& metrics_;
    bool is_told_ = false;  ///< The last line said that requests are shed.
    SteadyTime told_at_ = SteadyTime::min();
    std::uint64_t turned_away_before_ = 0;  ///< When nothing was shed last.
};

}  // namespace kwikgate::gateway
