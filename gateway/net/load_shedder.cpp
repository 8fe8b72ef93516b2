#include "gateway/net/load_shedder.hpp"

#include <algorithm>

namespace kwikgate::gateway::net {
namespace {

// Up by a quarter of what is still let in, which halves the load in three ticks; down slowly, as a
// share that is given up too early brings the queue back. Some requests are always let in: they
// tell whether the worker has recovered.
constexpr double kStepUp = 0.25;
constexpr double kStepDown = 0.9;
constexpr double kMostShed = 0.95;
// A tick that comes late by several times the target stands for as many that did not come; but one
// pause of the whole machine must not turn nearly everybody away.
constexpr int kMostStepsUp = 4;
constexpr double kNothing = 0.01;

}  // namespace

void LoadShedder::ticked(Clock::time_point due, Clock::time_point now,
                         std::chrono::milliseconds target) {
    delay_ = std::max(now - due, Clock::duration::zero());
    if (delay_ <= target) {
        over_since_ = Clock::time_point::max();
        share_ = share_ * kStepDown < kNothing ? 0 : share_ * kStepDown;
        if (share_ == 0) credit_ = 0;
        return;
    }
    // Late ticks are rare ones: the time that this one was late counts too.
    if (over_since_ == Clock::time_point::max()) over_since_ = due;
    if (now - over_since_ < kPatience && share_ == 0) return;
    const int steps = static_cast<int>(std::min<std::int64_t>(kMostStepsUp, delay_ / target));
    for (int i = 0; i < steps; ++i) share_ = std::min(kMostShed, share_ + (1 - share_) * kStepUp);
}

}  // namespace kwikgate::gateway::net
