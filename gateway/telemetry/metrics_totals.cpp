#include "gateway/telemetry/metrics_totals.hpp"

#include <algorithm>
#include <numeric>

namespace kwikgate::gateway {
namespace {

template <std::size_t Size>
void add_all(std::array<std::uint64_t, Size>& sums, const std::array<Counter, Size>& counters) {
    for (std::size_t i = 0; i < Size; ++i) sums[i] += counters[i].value();
}

void add_routes(const WorkerMetrics& worker, std::vector<RouteTotals>& totals) {
    for (std::size_t slot = 0; slot < totals.size(); ++slot) {
        const RequestCounters* counters = worker.find_route(slot);
        if (counters == nullptr) return;
        add_all(totals[slot].answered, counters->answered);
        add_all(totals[slot].refused, counters->refused);
        totals[slot].duration.add(counters->duration);
    }
}

void add_upstreams(const WorkerMetrics& worker, std::vector<UpstreamTotals>& totals) {
    for (std::size_t slot = 0; slot < totals.size(); ++slot) {
        const UpstreamCounters* counters = worker.find_upstream(slot);
        if (counters == nullptr) return;
        UpstreamTotals& sum = totals[slot];
        sum.connects += counters->connects.value();
        sum.connect_failures += counters->connect_failures.value();
        sum.reuses += counters->reuses.value();
        sum.retries += counters->retries.value();
        sum.share_refusals += counters->share_refusals.value();
        sum.connections += counters->connections.value();
        sum.idle += counters->idle.value();
        sum.pending += counters->pending.value();
        sum.duration.add(counters->duration);
    }
}

void add_servers(const WorkerMetrics& worker, std::vector<ServerTotals>& totals) {
    for (std::size_t slot = 0; slot < totals.size(); ++slot) {
        const ServerCounters* counters = worker.find_server(slot);
        if (counters == nullptr) return;
        ServerTotals& sum = totals[slot];
        sum.failures += counters->failures.value();
        sum.ejections += counters->ejections.value();
        sum.connections += counters->connections.value();
        sum.requests += counters->requests.value();
        sum.ejected_by += counters->is_ejected.value();
        sum.is_down = sum.is_down || counters->is_down.value() != 0;
    }
}

void add_worker(const WorkerMetrics& worker, MetricsTotals& totals) {
    ++totals.workers;
    add_routes(worker, totals.routes);
    add_upstreams(worker, totals.upstreams);
    add_servers(worker, totals.servers);
    totals.gateway_duration.add(worker.gateway_duration);
    add_all(totals.authenticated, worker.authenticated);
    add_all(totals.terminations, worker.terminations);
    totals.request_body_bytes += worker.request_body_bytes.value();
    totals.response_bytes += worker.response_bytes.value();
    totals.secrets_exposed += worker.secrets_exposed.value();
    totals.connections_accepted += worker.connections_accepted.value();
    totals.connections_refused += worker.connections_refused.value();
    add_all(totals.connections_shed, worker.connections_shed);
    add_all(totals.proxy_headers_refused, worker.proxy_headers_refused);
    totals.connections_open += worker.connections_open.value();
    totals.worst_delay_us = std::max(totals.worst_delay_us, worker.delay_us.value());
    totals.worst_shed_ppm = std::max(totals.worst_shed_ppm, worker.shed_ppm.value());
    totals.requests_in_progress += worker.requests_in_progress.value();
}

}  // namespace

void LatencyTotals::add(const LatencyHistogram& histogram) {
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += histogram.bucket(i);
    sum_us += histogram.sum_microseconds();
}

LatencyTotals& LatencyTotals::operator+=(const LatencyTotals& other) {
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
    sum_us += other.sum_us;
    return *this;
}

std::uint64_t LatencyTotals::count() const {
    return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

MetricsTotals total(const Metrics& metrics) {
    MetricsTotals totals;
    for (const auto& [method, pattern] : metrics.routes.all()) {
        totals.routes.emplace_back();
        totals.routes.back().method = method;
        totals.routes.back().pattern = pattern;
    }
    for (const auto& [name, unused] : metrics.upstreams.all()) {
        totals.upstreams.emplace_back();
        totals.upstreams.back().name = name;
    }
    for (const auto& [upstream, name] : metrics.servers.all()) {
        totals.servers.emplace_back();
        totals.servers.back().upstream = upstream;
        totals.servers.back().name = name;
    }
    metrics.each_worker([&](const WorkerMetrics& worker) { add_worker(worker, totals); });
    return totals;
}

}  // namespace kwikgate::gateway
