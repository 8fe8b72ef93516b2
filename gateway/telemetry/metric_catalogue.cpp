#include "gateway/telemetry/metric_catalogue.hpp"

#include <array>

namespace kwikgate::gateway {
namespace {

using enum MetricKind;

constexpr auto kCatalogue = std::to_array<MetricInfo>({
    {"kwikgate_build_info", gauge, "version", "Always 1; the label says what runs."},
    {"kwikgate_workers", gauge, "", "Threads that serve requests."},
    {"kwikgate_draining", gauge, "", "1 from SIGTERM until the process ends."},

    {"kwikgate_requests_total", counter, "method route reason status_class",
     "Requests that ended, by route, reason and class of the status."},
    {"kwikgate_request_duration_seconds", histogram, "method route",
     "From the complete head of a request to its end."},
    {"kwikgate_gateway_duration_seconds", histogram, "",
     "The part of that time which was not the upstream's."},
    {"kwikgate_upstream_duration_seconds", histogram, "upstream",
     "From the first byte sent to an upstream to the head of its answer."},
    {"kwikgate_requests_in_progress", gauge, "", "Requests under way."},
    {"kwikgate_request_ends_total", counter, "termination",
     "Requests that ended, by how: completed, or which side broke off."},
    {"kwikgate_authenticated_requests_total", counter, "scheme",
     "Requests whose credential proved right, by scheme."},
    {"kwikgate_request_body_bytes_total", counter, "", "Bytes of request bodies sent upstream."},
    {"kwikgate_response_bytes_total", counter, "", "Bytes of answers sent to clients."},
    {"kwikgate_secrets_exposed_total", counter, "",
     "Requests that carried an API_SECRET where a PUBLIC_KEY belongs."},

    {"kwikgate_worker_delay_seconds", gauge, "",
     "How late the latest worker is with what is ready for it."},
    {"kwikgate_worker_shed_ratio", gauge, "",
     "The share of new requests that a worker answers 503 because it cannot keep up; of the "
     "worst."},

    {"kwikgate_connections_open", gauge, "", "Client connections."},
    {"kwikgate_connections_accepted_total", counter, "", "Client connections accepted."},
    {"kwikgate_connections_refused_total", counter, "",
     "Client connections over limits.connections_per_worker."},
    {"kwikgate_connections_shed_total", counter, "why",
     "Client connections closed for the sake of others: no_request, idle (places were scarce), "
     "address_cap (over limits.connections_per_address)."},
    {"kwikgate_admin_connections_shed_total", counter, "why",
     "Connections to the admin listener that were closed when admin.max_connections were there: "
     "unknown (nobody had logged in), idle, refused."},
    {"kwikgate_proxy_headers_refused_total", counter, "cause",
     "Connections closed because their PROXY header was refused: untrusted, malformed."},

    {"kwikgate_upstream_connections", gauge, "upstream",
     "Connections to an upstream: connecting, busy and idle."},
    {"kwikgate_upstream_connections_idle", gauge, "upstream",
     "Connections to an upstream that wait for the next request."},
    {"kwikgate_upstream_requests_pending", gauge, "upstream",
     "Requests that wait for a connection."},
    {"kwikgate_upstream_connects_total", counter, "upstream",
     "Connections asked for, made or not."},
    {"kwikgate_upstream_connect_failures_total", counter, "upstream",
     "Connections that were not made."},
    {"kwikgate_upstream_reuses_total", counter, "upstream",
     "Requests that took an idle connection."},
    {"kwikgate_upstream_retries_total", counter, "upstream", "Further tries of a request."},
    {"kwikgate_upstream_share_refusals_total", counter, "upstream",
     "Requests refused because their token held its share of the connections."},
    {"kwikgate_server_connections", gauge, "upstream server", "Connections to a server."},
    {"kwikgate_server_requests_in_progress", gauge, "upstream server",
     "Requests under way at a server."},
    {"kwikgate_server_failures_total", counter, "upstream server",
     "Connections to a server that failed or broke."},
    {"kwikgate_server_ejections_total", counter, "upstream server",
     "How often a worker took a server out."},
    {"kwikgate_server_ejected", gauge, "upstream server",
     "How many workers leave a server out at the moment, after failures."},
    {"kwikgate_server_up", gauge, "upstream server",
     "0 while active checks say that a server is down, else 1."},

    {"kwikgate_store_up", gauge, "",
     "1 when the token store can be read and its file is in its place."},
    {"kwikgate_store_tokens", gauge, "", "Tokens in the store."},
    {"kwikgate_store_audit_entries", gauge, "", "Entries of the audit log."},
    {"kwikgate_store_used_bytes", gauge, "", "Bytes of the store's map in use."},
    {"kwikgate_store_map_bytes", gauge, "", "Bytes of the store's map, which grows."},
    {"kwikgate_store_readers", gauge, "", "Reader slots in use, of all processes."},
    {"kwikgate_store_readers_limit", gauge, "", "Reader slots there are."},
    {"kwikgate_store_write_failures_total", counter, "",
     "Writes of this process that the store could not take: changes by the admin API, tries to "
     "write use, the signature window of a reload."},
    {"kwikgate_usage_lost_total", counter, "",
     "Observations of use that were given up because the store could not take them."},

    {"kwikgate_replay_entries", gauge, "", "Nonces held, expired ones included until reclaimed."},
    {"kwikgate_replay_entries_limit", gauge, "", "Nonces that fit."},

    {"kwikgate_reloads_total", counter, "result", "Reloads of the configuration: taken, refused."},
    {"kwikgate_last_reload_taken", gauge, "", "0 when the last reload was refused."},
    {"kwikgate_configuration_loaded_timestamp_seconds", gauge, "",
     "When the running configuration was taken into use."},
    {"kwikgate_certificate_expires_timestamp_seconds", gauge, "",
     "When the first of the certificates that clients are shown expires; 0: there is none."},
    {"kwikgate_access_log_lines_lost_total", counter, "",
     "Lines of the access log that could not be written."},

    {"kwikgate_spans_exported_total", counter, "", "Spans that the collector took."},
    {"kwikgate_spans_dropped_total", counter, "cause",
     "Spans that were not exported: queue_full, unreachable, refused, switched_off."},
    {"kwikgate_span_export_failures_total", counter, "", "Requests to the collector that failed."},

    {"process_start_time_seconds", gauge, "", "When the process began."},
    {"process_cpu_seconds_total", counter, "", "Time on a processor, user and system."},
    {"process_resident_memory_bytes", gauge, "", "Memory in use."},
    {"process_open_fds", gauge, "", "Open file descriptors."},
    {"process_max_fds", gauge, "", "Most file descriptors that may be open."},
});

}  // namespace

std::span<const MetricInfo> metric_catalogue() {
    return kCatalogue;
}

}  // namespace kwikgate::gateway
