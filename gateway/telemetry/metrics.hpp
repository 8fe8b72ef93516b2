#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "auth/decision.hpp"
#include "gateway/pipeline/request_context.hpp"
#include "gateway/telemetry/counter.hpp"
#include "gateway/telemetry/row_table.hpp"
#include "gateway/telemetry/series_names.hpp"

namespace kwikgate::gateway {

/// How a request is counted: by its reason where the gateway refused it or its answer broke off,
/// else by the class of the status that the upstream gave (0: there was no answer).
inline constexpr std::size_t kStatusClasses = 6;
struct RequestCounters {
    std::array<Counter, kStatusClasses> answered;
    std::array<Counter, auth::kReasonCount> refused;  ///< That of `none` stays 0.
    LatencyHistogram duration;
};

struct UpstreamCounters {
    Counter connects;          ///< Connections asked for.
    Counter connect_failures;  ///< Those that were not made.
    Counter reuses;            ///< Requests that took an idle connection.
    Counter retries;           ///< Requests tried once more.
    Counter share_refusals;    ///< Requests whose token held its share.
    LatencyHistogram duration;
    Gauge connections;  ///< Connecting, busy and idle.
    Gauge idle;
    Gauge pending;  ///< Requests that wait for a connection.
};

struct ServerCounters {
    Counter failures;
    Counter ejections;
    Gauge connections;
    Gauge requests;
    Gauge is_ejected;  ///< After failures of requests.
    Gauge is_down;     ///< By active checks.
};

/// Why a worker closed a connection that it had room for, or let none in.
enum class ConnectionShed : std::uint8_t {
    no_request,   ///< Places were scarce, and it had sent none.
    idle,         ///< Places were scarce, and it idled longest.
    address_cap,  ///< Over limits.connections_per_address.
};
inline constexpr std::size_t kConnectionShedCount =
    static_cast<std::size_t>(ConnectionShed::address_cap) + 1;

std::string_view to_token(ConnectionShed why);

/// Why a connection that should begin with a PROXY header was closed.
enum class ProxyHeaderRefusal : std::uint8_t {
    untrusted,  ///< The peer is none of trusted_proxies.
    malformed,  ///< What it sent is no such header.
};
inline constexpr std::size_t kProxyHeaderRefusalCount =
    static_cast<std::size_t>(ProxyHeaderRefusal::malformed) + 1;

std::string_view to_token(ProxyHeaderRefusal why);

/// What one worker counted. **Threads**: its worker writes, any read.
class WorkerMetrics {
  public:
    static constexpr std::size_t kMaxRoutes = std::size_t{32} * 2048;
    static constexpr std::size_t kMaxUpstreams = std::size_t{16} * 64;
    static constexpr std::size_t kMaxServers = std::size_t{32} * 512;

    /// Room for every slot given so far: call when a configuration is taken into use. Allocates.
    void make_room(std::size_t routes, std::size_t upstreams, std::size_t servers);

    /// Counts a request that ended. `upstream` is null when none was asked.
    /// **Cost**: a dozen plain stores to lines of this worker; nothing else.
    void record(const RequestContext& context, std::uint32_t route_slot, UpstreamCounters* upstream,
                SteadyTime ended_at);
    void shed(ConnectionShed why) { connections_shed[static_cast<std::size_t>(why)].add(); }
    std::uint64_t shed_so_far(ConnectionShed why) const {
        return connections_shed[static_cast<std::size_t>(why)].value();
    }
    UpstreamCounters& upstream(std::uint32_t slot) { return upstreams_.row(slot); }
    ServerCounters& server(std::uint32_t slot) { return servers_.row(slot); }

    const RequestCounters* find_route(std::size_t slot) const { return routes_.find(slot); }
    const UpstreamCounters* find_upstream(std::size_t slot) const { return upstreams_.find(slot); }
    const ServerCounters* find_server(std::size_t slot) const { return servers_.find(slot); }

    LatencyHistogram gateway_duration;
    std::array<Counter, store::kSchemeCount> authenticated;  ///< By scheme; judged afterwards.
    std::array<Counter, kTerminationCount> terminations;
    Counter request_body_bytes;
    Counter response_bytes;
    Counter secrets_exposed;  ///< An API_SECRET came where a PUBLIC_KEY belongs.
    Counter connections_accepted;
    Counter connections_refused;  ///< One too many for the worker.
    std::array<Counter, kConnectionShedCount> connections_shed;
    std::array<Counter, kProxyHeaderRefusalCount> proxy_headers_refused;
    Gauge delay_us;  ///< How late the worker's last tick was.
    Gauge shed_ppm;  ///< Requests that are shed, of a million.
    Gauge connections_open;
    Gauge requests_in_progress;

  private:
    RowTable<RequestCounters, 32, 2048> routes_;
    RowTable<UpstreamCounters, 16, 64> upstreams_;
    RowTable<ServerCounters, 32, 512> servers_;
};

/// What happened to the process as a whole. **Threads**: the main thread writes, any read.
struct ProcessMetrics {
    Counter reloads_taken;
    Counter reloads_refused;
    Gauge is_last_reload_taken;
    Gauge loaded_at_ms;  ///< When the running configuration was taken into use.
    Gauge is_draining;
    Gauge certificate_expires_at;  ///< The first one's, seconds since 1970; 0: there is none.
};

/// Why the admin listener gave a connection up, or let none in, when all its places were taken.
enum class AdminShed : std::uint8_t {
    unknown,  ///< Nobody had proved who it is.
    idle,     ///< All were known, and this one idled longest.
    refused,  ///< All others were at work: the new one was closed.
};
inline constexpr std::size_t kAdminShedCount = static_cast<std::size_t>(AdminShed::refused) + 1;

std::string_view to_token(AdminShed why);

/// **Threads**: the admin listener's writes, any read.
struct AdminCounters {
    std::array<Counter, kAdminShedCount> connections_shed;
};

/// Why a span was not exported.
enum class SpanDrop : std::uint8_t {
    queue_full,    ///< More requests were sampled than could be sent.
    unreachable,   ///< The collector took it at no try.
    refused,       ///< The collector does not want it.
    switched_off,  ///< A reload turned tracing off meanwhile.
};
inline constexpr std::size_t kSpanDropCount = static_cast<std::size_t>(SpanDrop::switched_off) + 1;

std::string_view to_token(SpanDrop why);

/// What became of spans. **Threads**: the exporter's writes, any read; `dropped` is written under
/// the lock of the queue.
struct SpanCounters {
    Counter exported;
    Counter failures;  ///< Export requests that failed.
    std::array<Counter, kSpanDropCount> dropped;
};

/// Every counter of the process. **Owns** the workers' counters; they outlive the workers.
class Metrics {
  public:
    /// The route slot of requests that matched none, called "none".
    static constexpr std::uint32_t kNoRoute = 0;

    Metrics() { routes.slot("none", "none"); }
    /// A new worker's counters; called by the main thread as the worker is made.
    WorkerMetrics& add_worker();
    /// Calls `visit(const WorkerMetrics&)` for each worker.
    template <class Visit>
    void each_worker(Visit&& visit) const {
        const std::lock_guard lock(mutex_);
        for (const auto& worker : workers_) visit(*worker);
    }

    ProcessMetrics process;
    SpanCounters spans;
    AdminCounters admin;
    SeriesNames routes{WorkerMetrics::kMaxRoutes};        ///< Method, pattern.
    SeriesNames upstreams{WorkerMetrics::kMaxUpstreams};  ///< Name, "".
    SeriesNames servers{WorkerMetrics::kMaxServers};      ///< Upstream, server.

  private:
    mutable std::mutex mutex_;
    // Each by itself on the heap, aligned so that no two share a cache line.
    struct alignas(128) Aligned : WorkerMetrics {};
    std::vector<std::unique_ptr<Aligned>> workers_;
};

}  // namespace kwikgate::gateway
