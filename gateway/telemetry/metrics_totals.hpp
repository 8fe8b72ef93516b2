#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "gateway/telemetry/metrics.hpp"

/// The workers' counters added up: what the exposition, the admin API and the console show.
namespace kwikgate::gateway {

struct LatencyTotals {
    std::array<std::uint64_t, LatencyHistogram::kBuckets> buckets{};  ///< Not cumulative.
    std::uint64_t sum_us = 0;
    void add(const LatencyHistogram& histogram);
    LatencyTotals& operator+=(const LatencyTotals& other);
    std::uint64_t count() const;
};

struct RouteTotals {
    std::string method;
    std::string pattern;
    std::array<std::uint64_t, kStatusClasses> answered{};
    std::array<std::uint64_t, auth::kReasonCount> refused{};
    LatencyTotals duration;
};

struct UpstreamTotals {
    std::string name;
    std::uint64_t connects = 0, connect_failures = 0, reuses = 0, retries = 0;
    std::uint64_t share_refusals = 0;
    std::uint64_t connections = 0, idle = 0, pending = 0;
    LatencyTotals duration;
};

struct ServerTotals {
    std::string upstream;
    std::string name;
    std::uint64_t failures = 0, ejections = 0, connections = 0, requests = 0;
    std::uint64_t ejected_by = 0;  ///< How many workers leave it out at the moment.
    bool is_down = false;          ///< By active checks.
};

struct MetricsTotals {
    std::uint64_t workers = 0;
    std::vector<RouteTotals> routes;  ///< The first is for requests that matched none.
    std::vector<UpstreamTotals> upstreams;
    std::vector<ServerTotals> servers;
    LatencyTotals gateway_duration;
    std::array<std::uint64_t, store::kSchemeCount> authenticated{};
    std::array<std::uint64_t, kTerminationCount> terminations{};
    std::uint64_t request_body_bytes = 0, response_bytes = 0, secrets_exposed = 0;
    std::uint64_t connections_accepted = 0, connections_refused = 0, connections_open = 0;
    std::array<std::uint64_t, kConnectionShedCount> connections_shed{};
    std::array<std::uint64_t, kProxyHeaderRefusalCount> proxy_headers_refused{};
    std::uint64_t worst_delay_us = 0, worst_shed_ppm = 0;  ///< Of the worker that is worst off.
    std::uint64_t requests_in_progress = 0;
};

/// **Threads**: any, while the workers count. The sums are not of one instant, but none runs back.
MetricsTotals total(const Metrics& metrics);

}  // namespace kwikgate::gateway
