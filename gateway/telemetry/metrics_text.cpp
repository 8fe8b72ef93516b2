#include "gateway/telemetry/metrics_text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <limits>
#include <map>
#include <sstream>
#include <vector>

#include "gateway/telemetry/metric_catalogue.hpp"
#include "gateway/telemetry/metrics_totals.hpp"
#include "gateway/telemetry/process_stat.hpp"
#include "store/write_failures.hpp"

namespace kwikgate::gateway {
namespace {

using Labels = std::vector<prometheus::ClientMetric::Label>;

constexpr std::array<std::string_view, kStatusClasses> kStatusClassNames = {"none", "1xx", "2xx",
                                                                            "3xx",  "4xx", "5xx"};

prometheus::MetricType type_of(MetricKind kind) {
    switch (kind) {
        case MetricKind::counter:
            return prometheus::MetricType::Counter;
        case MetricKind::gauge:
            return prometheus::MetricType::Gauge;
        case MetricKind::histogram:
            return prometheus::MetricType::Histogram;
    }
    return prometheus::MetricType::Untyped;
}

/// The families of the catalogue, filled by name.
class Families {
  public:
    Families() {
        for (const MetricInfo& info : metric_catalogue()) {
            index_[info.name] = families_.size();
            families_.push_back(
                {std::string(info.name), std::string(info.help), type_of(info.kind), {}});
        }
    }

    template <class Number>
    void add(std::string_view name, Number value, Labels labels = {}) {
        prometheus::MetricFamily& family = families_[index_.at(name)];
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        (family.type == prometheus::MetricType::Counter ? metric.counter.value
                                                        : metric.gauge.value) =
            static_cast<double>(value);
        family.metric.push_back(std::move(metric));
    }

    void add(std::string_view name, const LatencyTotals& latency, Labels labels = {}) {
        prometheus::ClientMetric metric;
        metric.label = std::move(labels);
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < latency.buckets.size(); ++i) {
            count += latency.buckets[i];
            const double bound = i < kLatencyBounds.size()
                                     ? static_cast<double>(kLatencyBounds[i]) / 1e6
                                     : std::numeric_limits<double>::infinity();
            metric.histogram.bucket.push_back({count, bound});
        }
        metric.histogram.sample_count = count;
        metric.histogram.sample_sum = static_cast<double>(latency.sum_us) / 1e6;
        families_[index_.at(name)].metric.push_back(std::move(metric));
    }

    std::string to_text() const {
        std::ostringstream out;
        prometheus::TextSerializer().Serialize(out, families_);
        return out.str();
    }

  private:
    std::vector<prometheus::MetricFamily> families_;
    std::map<std::string_view, std::size_t> index_;
};

void add_route(Families& out, const RouteTotals& route) {
    const auto add = [&](std::uint64_t count, std::string_view reason,
                         std::string_view status_class) {
        if (count == 0) return;
        out.add("kwikgate_requests_total", count,
                {{"method", route.method},
                 {"route", route.pattern},
                 {"reason", std::string(reason)},
                 {"status_class", std::string(status_class)}});
    };
    for (std::size_t i = 0; i < kStatusClasses; ++i)
        add(route.answered[i], "none", kStatusClassNames[i]);
    for (const auth::ReasonRow& row : auth::reason_table())
        add(route.refused[static_cast<std::size_t>(row.reason)], row.token,
            kStatusClassNames[row.status / 100U]);
    if (route.duration.count() != 0)
        out.add("kwikgate_request_duration_seconds", route.duration,
                {{"method", route.method}, {"route", route.pattern}});
}

void add_upstream(Families& out, const UpstreamTotals& upstream) {
    const Labels labels = {{"upstream", upstream.name}};
    out.add("kwikgate_upstream_duration_seconds", upstream.duration, labels);
    out.add("kwikgate_upstream_connections", upstream.connections, labels);
    out.add("kwikgate_upstream_connections_idle", upstream.idle, labels);
    out.add("kwikgate_upstream_requests_pending", upstream.pending, labels);
    out.add("kwikgate_upstream_connects_total", upstream.connects, labels);
    out.add("kwikgate_upstream_connect_failures_total", upstream.connect_failures, labels);
    out.add("kwikgate_upstream_reuses_total", upstream.reuses, labels);
    out.add("kwikgate_upstream_retries_total", upstream.retries, labels);
    out.add("kwikgate_upstream_share_refusals_total", upstream.share_refusals, labels);
}

void add_server(Families& out, const ServerTotals& server) {
    const Labels labels = {{"upstream", server.upstream}, {"server", server.name}};
    out.add("kwikgate_server_connections", server.connections, labels);
    out.add("kwikgate_server_requests_in_progress", server.requests, labels);
    out.add("kwikgate_server_failures_total", server.failures, labels);
    out.add("kwikgate_server_ejections_total", server.ejections, labels);
    out.add("kwikgate_server_ejected", server.ejected_by, labels);
    out.add("kwikgate_server_up", server.is_down ? 0 : 1, labels);
}

void add_requests(Families& out, const MetricsTotals& totals) {
    for (const RouteTotals& route : totals.routes) add_route(out, route);
    for (const UpstreamTotals& upstream : totals.upstreams) add_upstream(out, upstream);
    for (const ServerTotals& server : totals.servers) add_server(out, server);
    out.add("kwikgate_gateway_duration_seconds", totals.gateway_duration);
    for (std::size_t i = 0; i < kTerminationCount; ++i)
        out.add("kwikgate_request_ends_total", totals.terminations[i],
                {{"termination", std::string(to_token(static_cast<Termination>(i)))}});
    for (std::size_t i = 0; i < store::kSchemeCount; ++i)
        out.add("kwikgate_authenticated_requests_total", totals.authenticated[i],
                {{"scheme", std::string(auth::to_token(static_cast<auth::Scheme>(i)))}});
    out.add("kwikgate_workers", totals.workers);
    out.add("kwikgate_worker_delay_seconds", static_cast<double>(totals.worst_delay_us) / 1e6);
    out.add("kwikgate_worker_shed_ratio", static_cast<double>(totals.worst_shed_ppm) / 1e6);
    out.add("kwikgate_requests_in_progress", totals.requests_in_progress);
    out.add("kwikgate_request_body_bytes_total", totals.request_body_bytes);
    out.add("kwikgate_response_bytes_total", totals.response_bytes);
    out.add("kwikgate_secrets_exposed_total", totals.secrets_exposed);
    out.add("kwikgate_connections_open", totals.connections_open);
    out.add("kwikgate_connections_accepted_total", totals.connections_accepted);
    out.add("kwikgate_connections_refused_total", totals.connections_refused);
    for (std::size_t i = 0; i < kConnectionShedCount; ++i)
        out.add("kwikgate_connections_shed_total", totals.connections_shed[i],
                {{"why", std::string(to_token(static_cast<ConnectionShed>(i)))}});
    for (std::size_t i = 0; i < kProxyHeaderRefusalCount; ++i)
        out.add("kwikgate_proxy_headers_refused_total", totals.proxy_headers_refused[i],
                {{"cause", std::string(to_token(static_cast<ProxyHeaderRefusal>(i)))}});
}

void add_store(Families& out, const MetricSources& sources) {
    const auto stat = sources.store.stat();
    out.add("kwikgate_store_up", stat && sources.store.is_in_place() ? 1 : 0);
    if (stat) {
        out.add("kwikgate_store_tokens", stat->tokens);
        out.add("kwikgate_store_audit_entries", stat->audit_entries);
        out.add("kwikgate_store_used_bytes", stat->used_bytes);
        out.add("kwikgate_store_map_bytes", stat->map_bytes);
        out.add("kwikgate_store_readers", stat->readers);
        out.add("kwikgate_store_readers_limit", stat->max_readers);
    }
    out.add("kwikgate_store_write_failures_total", store::failed_writes());
    out.add("kwikgate_usage_lost_total", sources.usage.lost());
    out.add("kwikgate_replay_entries", sources.replay.size());
    out.add("kwikgate_replay_entries_limit", sources.replay.capacity());
    out.add("kwikgate_access_log_lines_lost_total", sources.access_log.lost_lines());
}

void add_admin(Families& out, const AdminCounters& admin) {
    for (std::size_t i = 0; i < kAdminShedCount; ++i)
        out.add("kwikgate_admin_connections_shed_total", admin.connections_shed[i].value(),
                {{"why", std::string(to_token(static_cast<AdminShed>(i)))}});
}

void add_spans(Families& out, const SpanCounters& spans) {
    out.add("kwikgate_spans_exported_total", spans.exported.value());
    out.add("kwikgate_span_export_failures_total", spans.failures.value());
    for (std::size_t i = 0; i < kSpanDropCount; ++i)
        out.add("kwikgate_spans_dropped_total", spans.dropped[i].value(),
                {{"cause", std::string(to_token(static_cast<SpanDrop>(i)))}});
}

void add_process(Families& out, const ProcessMetrics& process) {
    out.add("kwikgate_build_info", 1, {{"version", KWIKGATE_VERSION}});
    out.add("kwikgate_draining", process.is_draining.value());
    out.add("kwikgate_reloads_total", process.reloads_taken.value(), {{"result", "taken"}});
    out.add("kwikgate_reloads_total", process.reloads_refused.value(), {{"result", "refused"}});
    out.add("kwikgate_last_reload_taken", process.is_last_reload_taken.value());
    out.add("kwikgate_configuration_loaded_timestamp_seconds",
            static_cast<double>(process.loaded_at_ms.value()) / 1e3);
    out.add("kwikgate_certificate_expires_timestamp_seconds",
            process.certificate_expires_at.value());
    const ProcessStat stat = read_process_stat();
    out.add("process_start_time_seconds", stat.started_at_seconds);
    out.add("process_cpu_seconds_total", stat.cpu_seconds);
    out.add("process_resident_memory_bytes", stat.resident_bytes);
    out.add("process_open_fds", stat.open_descriptors);
    out.add("process_max_fds", stat.max_descriptors);
}

}  // namespace

std::string metrics_text(const MetricSources& sources) {
    Families out;
    add_requests(out, total(sources.metrics));
    add_store(out, sources);
    add_admin(out, sources.metrics.admin);
    add_spans(out, sources.metrics.spans);
    add_process(out, sources.metrics.process);
    return out.to_text();
}

}  // namespace kwikgate::gateway
