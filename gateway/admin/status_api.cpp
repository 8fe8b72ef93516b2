#include "gateway/admin/status_api.hpp"

#include <algorithm>

#include "auth/json_text.hpp"
#include "auth/seed_sections.hpp"
#include "auth/time_text.hpp"
#include "gateway/telemetry/metrics_totals.hpp"
#include "gateway/telemetry/process_stat.hpp"

namespace kwikgate::gateway::admin {
namespace {

store::Timestamp at_ms(std::uint64_t ms) {
    return store::Timestamp{std::chrono::milliseconds{static_cast<std::int64_t>(ms)}};
}

std::string store_json(store::Store& store) {
    const auto stat = store.stat();
    if (!stat) return "null";
    return auth::JsonObject()
        .number("tokens", stat->tokens)
        .number("audit_entries", stat->audit_entries)
        .number("used_bytes", stat->used_bytes)
        .number("map_bytes", stat->map_bytes)
        .number("readers", stat->readers)
        .number("max_readers", stat->max_readers)
        .to_string();
}

std::string configuration_json(const Services& services) {
    const ProcessMetrics& process = services.metrics.metrics.process;
    return auth::JsonObject()
        .text("file", services.runtime()->config.file.string())
        .text("loaded_at", auth::to_text(at_ms(process.loaded_at_ms.value())))
        .boolean("last_reload_taken", process.is_last_reload_taken.value() != 0)
        .number("reloads_taken", process.reloads_taken.value())
        .number("reloads_refused", process.reloads_refused.value())
        .to_string();
}

std::string route_json(const Runtime& runtime, const Route& route) {
    std::vector<std::string> schemes;
    for (const auto scheme :
         {auth::Scheme::basic, auth::Scheme::signature, auth::Scheme::public_key})
        if (route.requirement.schemes.contains(scheme))
            schemes.emplace_back(auth::to_token(scheme));
    const auto index = static_cast<std::size_t>(std::max(0, route.upstream_index));
    const auto& environment = route.requirement.environment;
    return auth::JsonObject()
        .text("method", route.method)
        .text("path", route.pattern)
        .text_or_null("section", route.section_slug)
        .text("access", auth::to_token(route.requirement.access))
        .texts("schemes", schemes)
        .text_or_null("upstream", route.upstream_index < 0
                                      ? std::string_view()
                                      : std::string_view(runtime.upstreams[index].config.name))
        .text_or_null("environment",
                      environment ? auth::to_token(*environment) : std::string_view())
        .number("max_body_bytes", route.body_bytes)
        .to_string();
}

std::string server_json(const ServerTotals& server, std::uint64_t workers) {
    return auth::JsonObject()
        .text("name", server.name)
        .number("connections", server.connections)
        .number("requests_in_progress", server.requests)
        .number("failures", server.failures)
        .number("ejections", server.ejections)
        .number("ejected_by", server.ejected_by)
        .boolean("is_up", !server.is_down)
        .boolean("is_available", !server.is_down && (workers == 0 || server.ejected_by < workers))
        .to_string();
}

std::string latency_json(const LatencyTotals& latency) {
    std::vector<std::uint64_t> counts(latency.buckets.begin(), latency.buckets.end());
    return auth::JsonObject()
        .raw("counts", auth::json_array(counts, [](std::uint64_t n) { return std::to_string(n); }))
        .number("sum_us", latency.sum_us)
        .to_string();
}

std::string upstream_json(const proxy::Upstream& upstream, const MetricsTotals& totals,
                          std::string_view environments) {
    auth::JsonObject object;
    object.text("name", upstream.config.name).raw("environments", environments);
    const auto found =
        std::find_if(totals.upstreams.begin(), totals.upstreams.end(),
                     [&](const UpstreamTotals& sum) { return sum.name == upstream.config.name; });
    const UpstreamTotals sum = found == totals.upstreams.end() ? UpstreamTotals{} : *found;
    object.number("connections", sum.connections)
        .number("connections_idle", sum.idle)
        .number("requests_pending", sum.pending)
        .number("connects", sum.connects)
        .number("connect_failures", sum.connect_failures)
        .number("reuses", sum.reuses)
        .number("retries", sum.retries)
        .raw("duration", latency_json(sum.duration));
    const auto server_of = [&](const proxy::ServerEndpoint& endpoint) {
        for (const ServerTotals& server : totals.servers)
            if (server.upstream == upstream.config.name && server.name == endpoint.name)
                return server_json(server, totals.workers);
        ServerTotals server;
        server.name = endpoint.name;
        return server_json(server, totals.workers);
    };
    return object.raw("servers", auth::json_array(upstream.servers, server_of)).to_string();
}

}  // namespace

AdminResponse show_status(Services& services) {
    const ProcessStat process = read_process_stat();
    const MetricsTotals totals = total(services.metrics.metrics);
    return json_response(
        auth::JsonObject()
            .text("version", KWIKGATE_VERSION)
            .text("started_at", auth::to_text(at_ms(
                                    static_cast<std::uint64_t>(process.started_at_seconds * 1000))))
            .text("now", auth::to_text(services.clock()))
            .number("workers", totals.workers)
            .boolean("draining", services.metrics.metrics.process.is_draining.value() != 0)
            .number("connections_open", totals.connections_open)
            .number("requests_in_progress", totals.requests_in_progress)
            .raw("configuration", configuration_json(services))
            .raw("store", store_json(services.store))
            .raw("replay", auth::JsonObject()
                               .number("entries", services.metrics.replay.size())
                               .number("capacity", services.metrics.replay.capacity())
                               .to_string())
            .number("access_log_lines_lost", services.metrics.access_log.lost_lines())
            .number("resident_bytes", process.resident_bytes)
            .to_string());
}

AdminResponse list_sections(store::Reader& reader) {
    const auto snapshot = reader.snapshot();
    if (!snapshot) return store_problem(snapshot.error());
    const auto sections = snapshot->sections();
    if (!sections) return store_problem(sections.error());
    const auto write = [](const auto& entry) {
        const bool is_seed = std::find(auth::kSeedSections.begin(), auth::kSeedSections.end(),
                                       entry.second) != auth::kSeedSections.end();
        return auth::JsonObject()
            .text("slug", entry.second)
            .boolean("is_seed", is_seed)
            .to_string();
    };
    return json_response(
        auth::JsonObject().raw("sections", auth::json_array(*sections, write)).to_string());
}

AdminResponse list_routes(const Runtime& runtime) {
    const auto write = [&](const auto& route) { return route_json(runtime, *route); };
    return json_response(auth::JsonObject()
                             .raw("routes", auth::json_array(runtime.routes.routes(), write))
                             .to_string());
}

AdminResponse list_upstreams(const Runtime& runtime, const Metrics& metrics) {
    const MetricsTotals totals = total(metrics);
    auth::JsonArray upstreams;
    for (std::size_t i = 0; i < runtime.upstreams.size(); ++i) {
        std::vector<std::string> environments;
        if (runtime.live_upstream == static_cast<int>(i)) environments.emplace_back("live");
        if (runtime.test_upstream == static_cast<int>(i)) environments.emplace_back("test");
        upstreams.add(upstream_json(runtime.upstreams[i], totals, auth::json_array(environments)));
    }
    return json_response(auth::JsonObject().raw("upstreams", upstreams.to_string()).to_string());
}

AdminResponse show_traffic(const Services& services) {
    const MetricsTotals totals = total(services.metrics.metrics);
    std::array<std::uint64_t, kStatusClasses> answered{};
    std::array<std::uint64_t, auth::kReasonCount> refused{};
    LatencyTotals whole;
    for (const RouteTotals& route : totals.routes) {
        for (std::size_t i = 0; i < answered.size(); ++i) answered[i] += route.answered[i];
        for (std::size_t i = 0; i < refused.size(); ++i) refused[i] += route.refused[i];
        whole += route.duration;
    }
    LatencyTotals upstream;
    for (const UpstreamTotals& sum : totals.upstreams) upstream += sum.duration;
    auth::JsonObject reasons;
    for (const auth::ReasonRow& row : auth::reason_table())
        if (const auto count = refused[static_cast<std::size_t>(row.reason)]; count != 0)
            reasons.number(row.token, count);
    const std::vector<std::uint64_t> bounds(kLatencyBounds.begin(), kLatencyBounds.end());
    const auto digits = [](std::uint64_t n) { return std::to_string(n); };
    return json_response(auth::JsonObject()
                             .text("at", auth::to_text(services.clock()))
                             .raw("answered_by_class", auth::json_array(answered, digits))
                             .raw("refused_by_reason", reasons.to_string())
                             .raw("latency_bounds_us", auth::json_array(bounds, digits))
                             .raw("total", latency_json(whole))
                             .raw("gateway", latency_json(totals.gateway_duration))
                             .raw("upstream", latency_json(upstream))
                             .number("connections_open", totals.connections_open)
                             .number("requests_in_progress", totals.requests_in_progress)
                             .to_string());
}

AdminResponse show_metrics(const Services& services) {
    AdminResponse response;
    response.content_type = kMetricsContentType;
    response.body = metrics_text(services.metrics);
    return response;
}

AdminResponse healthz() {
    return json_response(R"({"status":"ok"})");
}

AdminResponse readyz(const Services& services, store::Reader& reader) {
    if (services.metrics.metrics.process.is_draining.value() != 0)
        return problem(503, "draining", "The gateway finishes its requests and then ends.");
    const auto snapshot = reader.snapshot();
    if (!snapshot) return store_problem(snapshot.error());
    return json_response(R"({"status":"ready"})");
}

}  // namespace kwikgate::gateway::admin
