#include "gateway/telemetry/metrics.hpp"

#include <algorithm>

#include "gateway/telemetry/timings.hpp"

namespace kwikgate::gateway {

void WorkerMetrics::make_room(std::size_t routes, std::size_t upstreams, std::size_t servers) {
    routes_.make_room(routes);
    upstreams_.make_room(upstreams);
    servers_.make_room(servers);
}

void WorkerMetrics::record(const RequestContext& context, std::uint32_t route_slot,
                           UpstreamCounters* upstream, SteadyTime ended_at) {
    const Timings timings = timings_of(context, ended_at);
    RequestCounters& route = routes_.row(route_slot);
    const auto reason = static_cast<std::size_t>(context.decision.reason);
    if (context.decision.allowed()) {
        // What HTTP does not know, 600 and more, counts as 5xx (RFC 9110, 15).
        route.answered[std::min<std::size_t>(context.status / 100, kStatusClasses - 1)].add();
    } else {
        route.refused[reason].add();
    }
    route.duration.record(timings.total_us);
    gateway_duration.record(timings.gateway_us);
    if (upstream != nullptr) {
        if (context.upstream_begun_at != SteadyTime{})
            upstream->duration.record(timings.upstream_us);
        if (context.attempts > 1) upstream->retries.add(context.attempts - 1);
    }
    terminations[static_cast<std::size_t>(context.termination)].add();
    if (context.is_authenticated)
        authenticated[static_cast<std::size_t>(context.principal.scheme)].add();
    request_body_bytes.add(context.request_body_bytes);
    response_bytes.add(context.response_bytes);
    if (context.form.secret_exposed) secrets_exposed.add();
}

std::string_view to_token(ConnectionShed why) {
    switch (why) {
        case ConnectionShed::no_request:
            return "no_request";
        case ConnectionShed::idle:
            return "idle";
        case ConnectionShed::address_cap:
            return "address_cap";
    }
    return "no_request";
}

std::string_view to_token(AdminShed why) {
    switch (why) {
        case AdminShed::unknown:
            return "unknown";
        case AdminShed::idle:
            return "idle";
        case AdminShed::refused:
            return "refused";
    }
    return "unknown";
}

std::string_view to_token(ProxyHeaderRefusal why) {
    return why == ProxyHeaderRefusal::untrusted ? "untrusted" : "malformed";
}

std::string_view to_token(SpanDrop why) {
    switch (why) {
        case SpanDrop::queue_full:
            return "queue_full";
        case SpanDrop::unreachable:
            return "unreachable";
        case SpanDrop::refused:
            return "refused";
        case SpanDrop::switched_off:
            return "switched_off";
    }
    return "queue_full";
}

WorkerMetrics& Metrics::add_worker() {
    const std::lock_guard lock(mutex_);
    workers_.push_back(std::make_unique<Aligned>());
    return *workers_.back();
}

}  // namespace kwikgate::gateway
