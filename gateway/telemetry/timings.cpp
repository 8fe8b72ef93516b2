#include "gateway/telemetry/timings.hpp"

#include <algorithm>

namespace kwikgate::gateway {
namespace {

std::uint64_t microseconds(SteadyTime from, SteadyTime to) {
    if (from == SteadyTime{} || to < from) return 0;
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(to - from).count());
}

}  // namespace

Timings timings_of(const RequestContext& context, SteadyTime ended_at) {
    Timings timings;
    timings.total_us = microseconds(context.started_at, ended_at);
    // An upstream that never answered had all the time until the end.
    const SteadyTime answered_at =
        context.upstream_head_at == SteadyTime{} ? ended_at : context.upstream_head_at;
    timings.upstream_us = microseconds(context.upstream_begun_at, answered_at);
    timings.gateway_us = timings.total_us - std::min(timings.total_us, timings.upstream_us);
    return timings;
}

}  // namespace kwikgate::gateway
