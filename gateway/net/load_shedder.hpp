#pragma once

#include <cstdint>

#include "gateway/net/deadline.hpp"

namespace kwikgate::gateway::net {

/// Which requests a worker that cannot keep up turns away.
///
/// What is measured is how late its tick comes: as long as that waits everything waits that is
/// ready, so it is the queue before the worker, in time. What was let in and shed from one tick to
/// the next is what came from when one was due until the next was, as the queue is first in, first
/// out; and the time between them is what that cost. So both the rate of requests and the cost of
/// one are known, and with them the share that can be let in for the queue to go down, slowly, to
/// half of the target, where it is held: from there on the worker has always something to do and
/// nobody waits longer.
///
/// Only two late ticks in a row begin it: a burst or a pause that the worker gets over by itself
/// costs nobody an answer, and neither does a machine that is slow though little comes.
/// **Threads**: the worker's. **Cost**: two additions and a comparison a request.
class LoadShedder {
  public:
    /// Told at every tick: when it was due, and when it came. `interval`: from when a tick comes
    /// until the next one is due.
    void ticked(Clock::time_point due, Clock::time_point now, std::chrono::milliseconds target,
                std::chrono::milliseconds interval);
    /// Asked once for each request. Spreads the share evenly.
    bool sheds() {
        credit_ += 1 - let_in_;
        if (credit_ < 1) {
            ++served_;
            return false;
        }
        credit_ -= 1;
        ++shed_;
        return true;
    }
    /// Of the requests that come, how many are shed: 0 to 1.
    double share() const { return 1 - let_in_; }
    /// How late the last tick was.
    Clock::duration delay() const { return delay_; }

  private:
    using Seconds = std::chrono::duration<double>;
    /// The share to let in, for a next tick that comes less late than this one.
    double sustainable(Seconds arrival, Seconds work, Seconds target, Seconds interval) const;
    void end();

    Clock::time_point due_{}, came_{};  ///< Of the last tick.
    Clock::duration delay_{};
    double let_in_ = 1;
    double credit_ = 0;
    std::uint32_t served_ = 0, shed_ = 0;  ///< Since the last tick.
    bool was_late_ = false, is_shedding_ = false;
};

}  // namespace kwikgate::gateway::net
