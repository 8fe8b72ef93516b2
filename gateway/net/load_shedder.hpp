#pragma once

#include <cstdint>

#include "gateway/net/deadline.hpp"

namespace kwikgate::gateway::net {

/// Which requests a worker that cannot keep up turns away.
///
/// What is measured is the delay: how late the worker's tick comes, as what is ready waits for as
/// long, and how long the first in the `RequestQueue` has stood there. As that is first in, first
/// out, what was let in and shed while the delay went from one value to another tells how many
/// requests come in a second, and the time that it took tells what one costs. From the two follows
/// which share can be let in for the delay to go down, slowly, to a little below the target, where
/// it is held: the worker has always something to do and nobody waits longer.
///
/// It begins when the delay is over the target twice in a row: a burst or a pause that the worker
/// gets over by itself costs nobody an answer, and neither does a machine that is slow though
/// little comes. **Threads**: the worker's. **Cost**: two additions and a comparison a request.
class LoadShedder {
  public:
    /// How often it looks, and how long a burst is let pass.
    static constexpr std::chrono::milliseconds kWindow{250};

    /// Told at every tick.
    void ticked(Clock::time_point now, Clock::duration delay, std::chrono::milliseconds target);
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
    /// At the last tick.
    Clock::duration delay() const { return delay_; }

  private:
    using Seconds = std::chrono::duration<double>;
    /// The share to let in, from what was seen in the last `window`, in which the delay grew by
    /// `growth`.
    double sustainable(Seconds window, Seconds growth, Seconds target) const;
    void end();

    Clock::time_point window_began_{};
    Clock::duration delay_{}, delay_before_{};  ///< Now, and when the window began.
    double let_in_ = 1;
    double credit_ = 0;
    std::uint32_t served_ = 0, shed_ = 0;  ///< In this window.
    bool was_late_ = false, is_shedding_ = false;
};

}  // namespace kwikgate::gateway::net
