#include "gateway/net/load_shedder.hpp"

#include <algorithm>

namespace kwikgate::gateway::net {
namespace {

// What it costs to refuse, of what it costs to serve. Measured: from a tenth (large answers) to
// six tenths (a small one over one of thousands of connections). It decides how large a step is,
// not where the steps end: the cost is measured anew in every window, at the share of that time.
constexpr double kRefusalCost = 0.5;
// In which time the delay goes to where it should be, from above and from below. To go down faster
// would turn nearly everybody away first, as refusing is not free.
constexpr double kSecondsDown = 2;
constexpr double kSecondsUp = 0.5;
// A share that is too large brings the queue back, so more is let in by smaller steps.
constexpr double kStepUp = 0.25;
// Some requests are always let in: they tell what serving costs.
constexpr double kLeastLetIn = 0.1;
// Where the delay is held, of the target. Lower, and clients that come again at once could keep it
// above for ever, though all of them could be served in time.
constexpr double kHeldAt = 0.8;
constexpr double kNearlyAll = 0.97;

}  // namespace

void LoadShedder::ticked(Clock::time_point now, Clock::duration delay,
                         std::chrono::milliseconds target) {
    delay_ = std::max(delay, Clock::duration::zero());
    const Clock::duration window = now - window_began_;
    if (window < kWindow) return;
    const bool is_late = delay_ > target;
    is_shedding_ |= is_late && was_late_;
    was_late_ = is_late;
    if (is_shedding_) {
        const double share = sustainable(window, delay_ - delay_before_, target);
        let_in_ += (share - let_in_) * (share < let_in_ ? 1 : kStepUp);
        if (let_in_ > kNearlyAll && !is_late) end();
    }
    window_began_ = now;
    delay_before_ = delay_;
    served_ = shed_ = 0;
}

double LoadShedder::sustainable(Seconds window, Seconds growth, Seconds target) const {
    const double weight = served_ + kRefusalCost * shed_;
    const double came_in = (window - growth).count();  // the time in which they came
    if (weight == 0 || came_in <= 0) return 1;
    const double cost = window.count() / weight;  // of one that is let in
    const double rate = (served_ + shed_) / came_in;
    const Seconds missing = target * kHeldAt - Seconds{delay_};
    const double approach = missing.count() < 0 ? kSecondsDown : kSecondsUp;
    const Seconds wanted_growth = missing * std::min(1.0, window.count() / approach);
    const double affordable = window / (rate * (window - wanted_growth));
    return std::clamp((affordable / cost - kRefusalCost) / (1 - kRefusalCost), kLeastLetIn, 1.0);
}

void LoadShedder::end() {
    let_in_ = 1;
    credit_ = 0;
    is_shedding_ = false;
}

}  // namespace kwikgate::gateway::net
