#include <memory>
#include <span>

#include "gateway/net/worker.hpp"

// What a worker counts beside requests: where its counters are, and what it holds at the moment.
namespace kwikgate::gateway {
namespace {

using Retired = std::span<const std::unique_ptr<WorkerRuntime>>;

/// The levels of a pool, with those of the ones that a reload replaced by it: they share its rows.
void publish(const proxy::UpstreamPool& pool, Retired retired) {
    std::uint64_t connections = pool.open_connections();
    std::uint64_t pending = pool.pending_requests();
    for (const auto& runtime : retired) {
        for (const auto& replaced : runtime->pools) {
            if (&replaced->counters() != &pool.counters()) continue;
            connections += replaced->open_connections();
            pending += replaced->pending_requests();
        }
    }
    std::uint64_t idle = 0;
    for (const proxy::Server& server : pool.servers()) {
        idle += server.idle.size();
        server.counters->connections.set(server.connections);
        server.counters->requests.set(server.requests);
        server.counters->is_ejected.set(pool.is_ejected(server) ? 1 : 0);
        server.counters->is_down.set(server.endpoint->state->is_down() ? 1 : 0);
    }
    pool.counters().connections.set(connections);
    pool.counters().pending.set(pending);
    pool.counters().idle.set(idle);
}

}  // namespace

void Worker::make_counters(WorkerRuntime& runtime) {
    Metrics& metrics = services_.metrics;
    for (const auto& route : runtime.runtime->routes.routes())
        runtime.route_slots.push_back(metrics.routes.slot(route->method, route->pattern));
    for (const proxy::Upstream& upstream : runtime.runtime->upstreams) {
        metrics.upstreams.slot(upstream.config.name, "");
        for (const proxy::ServerEndpoint& server : upstream.servers)
            metrics.servers.slot(upstream.config.name, server.name);
    }
    metrics_.make_room(metrics.routes.size(), metrics.upstreams.size(), metrics.servers.size());
}

/// What an upstream still holds that no configuration names any more is not shown.
void Worker::clear_levels(const WorkerRuntime& replaced) {
    for (const auto& pool : replaced.pools) {
        pool->counters().connections.set(0);
        pool->counters().pending.set(0);
        pool->counters().idle.set(0);
        for (const proxy::Server& server : pool->servers()) {
            server.counters->connections.set(0);
            server.counters->requests.set(0);
            server.counters->is_ejected.set(0);
            server.counters->is_down.set(0);
        }
    }
}

proxy::PoolCounters Worker::pool_counters(const proxy::Upstream& upstream) {
    Metrics& metrics = services_.metrics;
    proxy::PoolCounters counters;
    counters.upstream = &metrics_.upstream(metrics.upstreams.slot(upstream.config.name, ""));
    for (const proxy::ServerEndpoint& server : upstream.servers)
        counters.servers.push_back(
            &metrics_.server(metrics.servers.slot(upstream.config.name, server.name)));
    return counters;
}

void Worker::publish_levels() {
    using std::chrono::microseconds;
    metrics_.delay_us.set(static_cast<std::uint64_t>(
        std::chrono::duration_cast<microseconds>(shedder_.delay()).count()));
    metrics_.shed_ppm.set(static_cast<std::uint64_t>(shedder_.share() * 1e6));
    metrics_.connections_open.set(open_connections_);
    metrics_.requests_in_progress.set(exchanges_.size() - spare_exchanges_.size());
    for (const auto& pool : current_->pools) publish(*pool, retired_);
}

}  // namespace kwikgate::gateway
