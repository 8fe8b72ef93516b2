#pragma once

#include <string>
#include <string_view>

#include "auth/replay_guard.hpp"
#include "gateway/telemetry/access_log.hpp"
#include "gateway/telemetry/metrics.hpp"
#include "gateway/telemetry/usage_recorder.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway {

/// Where the exposition looks. **Borrows** all of it.
struct MetricSources {
    const Metrics& metrics;
    store::Store& store;
    const auth::ReplayGuard& replay;
    const AccessLog& access_log;
    const UsageWriter& usage;
};

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/// Everything of `metric_catalogue` in Prometheus' text format 0.0.4. **Threads**: any.
/// **Cost**: proportional to routes x reasons that occurred; the workers notice nothing.
std::string metrics_text(const MetricSources& sources);

}  // namespace kwikgate::gateway
