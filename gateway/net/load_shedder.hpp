#pragma once

#include "gateway/net/deadline.hpp"

namespace kwikgate::gateway::net {

/// Which requests a worker that cannot keep up turns away. What is measured is how late its tick
/// comes: as long as that waits everything waits that is ready, so it is the queue before the
/// worker, in time. Once it stays above the target for `kPatience`, a share of requests is shed,
/// and more of them for as long as it stays; a burst that the worker gets over by itself costs
/// nobody an answer.
/// **Threads**: the worker's. **Cost**: an addition and a comparison a request.
class LoadShedder {
  public:
    static constexpr std::chrono::milliseconds kPatience{1'000};

    /// Told at every tick: when it was due, and when it came.
    void ticked(Clock::time_point due, Clock::time_point now, std::chrono::milliseconds target);
    /// Asked once for each request. Spreads the share evenly.
    bool sheds() {
        credit_ += share_;
        if (credit_ < 1) return false;
        credit_ -= 1;
        return true;
    }
    /// Of the requests that come, how many are shed: 0 to 1.
    double share() const { return share_; }
    /// How late the last tick was.
    Clock::duration delay() const { return delay_; }

  private:
    Clock::duration delay_{};
    Clock::time_point over_since_ = Clock::time_point::max();
    double share_ = 0;
    double credit_ = 0;
};

}  // namespace kwikgate::gateway::net
