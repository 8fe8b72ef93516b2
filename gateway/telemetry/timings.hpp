#pragma once

#include <cstdint>

#include "gateway/pipeline/request_context.hpp"

namespace kwikgate::gateway {

/// Where the time of a request went, in microseconds: the same in the access log and the metrics.
struct Timings {
    std::uint64_t total_us = 0;    ///< From the complete head to the end.
    std::uint64_t gateway_us = 0;  ///< What was not the upstream's.
    /// From the first byte sent upstream to the head of its answer, or to the end where none came.
    std::uint64_t upstream_us = 0;
};

Timings timings_of(const RequestContext& context, SteadyTime ended_at);

}  // namespace kwikgate::gateway
