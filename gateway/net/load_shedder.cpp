#include "gateway/net/load_shedder.hpp"

#include <algorithm>

namespace kwikgate::gateway::net {
namespace {

// What it costs to refuse, of what it costs to serve. Measured: from a tenth (large answers) to
// six tenths (a small one over one of thousands of connections). It decides how large a step is,
// not where the steps end: the cost is measured anew at every tick, at the share of that time.
constexpr double kRefusalCost = 0.5;
// How much of the way to where the queue should be is gone by the next tick. To get there faster
// would turn nearly everybody away first, as refusing is not free.
constexpr double kApproach = 0.15;
// A share that is too large brings the queue back, so more is let in by smaller steps.
constexpr double kStepUp = 0.25;
// Some requests are always let in: they tell what serving costs.
constexpr double kLeastLetIn = 0.05;
constexpr double kNearlyAll = 0.99;

}  // namespace

void LoadShedder::ticked(Clock::time_point due, Clock::time_point now,
                         std::chrono::milliseconds target, std::chrono::milliseconds interval) {
    const Seconds arrival = due - due_, work = now - came_;
    due_ = due;
    came_ = now;
    delay_ = std::max(now - due, Clock::duration::zero());
    const bool is_late = delay_ > target;
    is_shedding_ |= is_late && was_late_;
    was_late_ = is_late;
    if (is_shedding_) {
        const double share = sustainable(arrival, work, target, interval);
        let_in_ += (share - let_in_) * (share < let_in_ ? 1 : kStepUp);
        if (let_in_ > kNearlyAll && !is_late) end();
    }
    served_ = shed_ = 0;
}

double LoadShedder::sustainable(Seconds arrival, Seconds work, Seconds target,
                                Seconds interval) const {
    const double weight = served_ + kRefusalCost * shed_;
    if (weight == 0 || arrival.count() <= 0) return 1;
    const double cost = work.count() / weight;  // of one that is let in
    const double rate = (served_ + shed_) / arrival.count();
    const Seconds next = delay_ + (target / 2 - delay_) * kApproach;
    // What comes until the next tick is due must be done when that should come.
    const double affordable = (interval + next) / (rate * (interval + delay_));
    return std::clamp((affordable / cost - kRefusalCost) / (1 - kRefusalCost), kLeastLetIn, 1.0);
}

void LoadShedder::end() {
    let_in_ = 1;
    credit_ = 0;
    is_shedding_ = false;
}

}  // namespace kwikgate::gateway::net
