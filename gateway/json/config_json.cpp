#include "gateway/json/config_json.hpp"

#include "auth/ip_rules.hpp"
#include "auth/json_text.hpp"
#include "auth/vocabulary.hpp"
#include "gateway/config/config_words.hpp"
#include "gateway/config/route_pattern.hpp"
#include "gateway/config/units.hpp"

namespace kwikgate::gateway {
namespace {

using std::filesystem::path;

std::string duration(milliseconds value) {
    return format_duration(value);
}

/// Where a secret is, nobody needs to know who may only look.
std::string set_or_empty(const path& file) {
    return file.empty() ? "" : "(set)";
}

/// How a choice is spelled.
template <class Choice, std::size_t Count>
std::string_view word(const std::array<std::string_view, Count>& words, Choice choice) {
    return words[static_cast<std::size_t>(choice)];
}

std::vector<std::string> ranges(const std::vector<store::IpRange>& values) {
    std::vector<std::string> out;
    out.reserve(values.size());
    for (const store::IpRange& range : values) out.push_back(auth::to_text(range));
    return out;
}

std::string store_json(const StoreConfig& store) {
    return auth::JsonObject()
        .text("path", store.path.string())
        .text("master_key_file", set_or_empty(store.master_key_file))
        .text("map_size", format_size(store.map_bytes))
        .text("usage_flush_interval", duration(store.usage_flush_interval))
        .to_string();
}

std::string listener_tls_json(const ListenerTlsConfig& tls) {
    return auth::JsonObject()
        .texts("certificates", std::vector<std::string>(tls.certificates.size(), "(set)"))
        .text("min_version", word(kTlsVersions, tls.min_version))
        .text("client_certificates", word(kClientCertificates, tls.client_certificates))
        .text("client_ca_file", tls.client_ca_file.string())
        .to_string();
}

std::string listener_json(const ListenerConfig& listener) {
    return auth::JsonObject()
        .text("name", listener.name)
        .text("address", listener.address)
        .text("scheme", listener.scheme)
        .texts("authorities", listener.authorities)
        .texts("trusted_proxies", ranges(listener.trusted_proxies))
        .boolean("forwarded_host", listener.forwarded_host)
        .boolean("proxy_protocol", listener.proxy_protocol)
        .raw("tls", listener_tls_json(listener.tls))
        .to_string();
}

std::string limits_json(const LimitsConfig& limits) {
    return auth::JsonObject()
        .text("request_line", format_size(limits.request_line_bytes))
        .text("header", format_size(limits.header_bytes))
        .number("header_fields", limits.header_fields)
        .text("body", format_size(limits.body_bytes))
        .text("held_body", format_size(limits.held_body_bytes))
        .text("response_header", format_size(limits.response_header_bytes))
        .number("response_header_fields", limits.response_header_fields)
        .number("connections_per_worker", limits.connections_per_worker)
        .number("connections_per_address", limits.connections_per_address)
        .number("requests_per_connection", limits.requests_per_connection)
        .text("relay_buffer", format_size(limits.relay_buffer_bytes))
        .text("max_delay", format_duration(limits.max_delay))
        .text("min_rate", format_size(limits.min_rate_bytes))
        .to_string();
}

std::string timeouts_json(const TimeoutsConfig& timeouts) {
    return auth::JsonObject()
        .text("header", duration(timeouts.header))
        .text("body_idle", duration(timeouts.body_idle))
        .text("keep_alive", duration(timeouts.keep_alive))
        .text("write_idle", duration(timeouts.write_idle))
        .text("request", duration(timeouts.request))
        .text("drain", duration(timeouts.drain))
        .text("min_rate_after", duration(timeouts.min_rate_after))
        .to_string();
}

std::string health_json(const HealthConfig& health) {
    return auth::JsonObject()
        .text("path", health.path)
        .text("interval", duration(health.interval))
        .text("timeout", duration(health.timeout))
        .number("healthy_after", health.healthy_after)
        .number("unhealthy_after", health.unhealthy_after)
        .number("eject_after_failures", health.eject_after_failures)
        .text("eject_for", duration(health.eject_for))
        .to_string();
}

std::string upstream_tls_json(const UpstreamTlsConfig& tls) {
    return auth::JsonObject()
        .text("ca_file", tls.ca_file.string())
        .text("server_name", tls.server_name)
        .text("certificate_file", set_or_empty(tls.certificate_file))
        .text("min_version", word(kTlsVersions, tls.min_version))
        .to_string();
}

std::string upstream_json(const UpstreamConfig& upstream) {
    return auth::JsonObject()
        .texts("servers", upstream.servers)
        .text("host", upstream.host)
        .text("connect_timeout", duration(upstream.connect_timeout))
        .text("response_timeout", duration(upstream.response_timeout))
        .text("idle_timeout", duration(upstream.idle_timeout))
        .text("keep_alive", duration(upstream.keep_alive))
        .text("resolve_interval", duration(upstream.resolve_interval))
        .number("max_connections", upstream.max_connections)
        .number("max_idle_connections", upstream.max_idle_connections)
        .number("max_pending", upstream.max_pending)
        .number("token_share", upstream.token_share)
        .boolean("reuse_bodyless", upstream.reuse_bodyless)
        .number("retries", upstream.retries)
        .text("credentials", word(kCredentialHandling, upstream.credentials))
        .text("credentials_file", set_or_empty(upstream.credentials_file))
        .text("identity_key_file", set_or_empty(upstream.identity_key_file))
        .text("via", upstream.via)
        .raw("tls", upstream_tls_json(upstream.tls))
        .raw("health", health_json(upstream.health))
        .to_string();
}

std::string upstreams_json(const std::vector<UpstreamConfig>& upstreams) {
    auth::JsonObject object;
    for (const UpstreamConfig& upstream : upstreams)
        object.raw(upstream.name, upstream_json(upstream));
    return object.to_string();
}

std::string route_json(const RouteConfig& route, const LimitsConfig& limits) {
    std::vector<std::string> schemes;
    for (std::size_t i = 0; i < store::kSchemeCount; ++i) {
        const auto scheme = static_cast<auth::Scheme>(i);
        if (route.schemes.contains(scheme)) schemes.emplace_back(auth::to_token(scheme));
    }
    auth::JsonObject object;
    object.text("method", route.method)
        .text("path", route.path)
        .text("section", route.section)
        .text("access", auth::to_token(route.access))
        .texts("schemes", schemes)
        .text("upstream", route.upstream)
        .text("environment",
              route.environment ? auth::to_token(*route.environment) : std::string_view("any"))
        .text("body", format_size(body_limit(route, limits.body_bytes)))
        .boolean("check_json", route.check_json)
        .texts("content_types", route.content_types)
        .texts("covers", route.covers);
    // Without one of its own, it has that of whichever upstream a request goes to.
    if (route.response_timeout) object.text("response_timeout", duration(*route.response_timeout));
    return object.boolean("opaque", route.opaque).boolean("inferred", route.inferred).to_string();
}

std::string address_limit_json(const AddressLimitConfig& limit) {
    return auth::JsonObject()
        .boolean("enabled", limit.enabled)
        .number("failures_per_minute", limit.failures_per_minute)
        .number("burst", limit.burst)
        .number("table_entries", limit.table_entries)
        .texts("exempt", ranges(limit.exempt))
        .to_string();
}

std::string replay_json(const ReplayConfig& replay) {
    return auth::JsonObject()
        .number("entries", replay.entries)
        .number("token_share", replay.token_share)
        .text("state_file", replay.state_file.string())
        .text("after_crash", word(kAfterCrash, replay.after_crash))
        .to_string();
}

std::string access_log_json(const AccessLogConfig& log) {
    return auth::JsonObject()
        .text("destination", log.destination)
        .raw("debug_capture", auth::JsonObject()
                                  .text("file", log.debug_capture.file.string())
                                  .text("max_size", format_size(log.debug_capture.max_bytes))
                                  .number("per_minute", log.debug_capture.per_minute)
                                  .to_string())
        .to_string();
}

std::string tracing_json(const TracingConfig& tracing) {
    return auth::JsonObject()
        .text("endpoint", tracing.endpoint)
        .number("sample_per_million", tracing.sample_per_million)
        .boolean("follow_proxies", tracing.follow_proxies)
        .text("service_name", tracing.service_name)
        .text("headers_file", set_or_empty(tracing.headers_file))
        .text("ca_file", tracing.ca_file.string())
        .text("interval", duration(tracing.interval))
        .text("timeout", duration(tracing.timeout))
        .number("queue", tracing.queue)
        .to_string();
}

std::string health_listener_json(const HealthListenerConfig& health) {
    return auth::JsonObject()
        .text("address", health.address)
        .boolean("metrics", health.metrics)
        .to_string();
}

std::string admin_json(const AdminConfig& admin) {
    return auth::JsonObject()
        .text("address", admin.address)
        .text("certificate_file", set_or_empty(admin.certificate_file))
        .texts("authorities", admin.authorities)
        .boolean("open_metrics", admin.open_metrics)
        .text("session_idle", duration(admin.session_idle))
        .text("session_lifetime", duration(admin.session_lifetime))
        .number("max_connections", admin.max_connections)
        .to_string();
}

}  // namespace

std::string config_json(const Config& config) {
    const auto write_route = [&](const RouteConfig& route) {
        return route_json(route, config.limits);
    };
    return auth::JsonObject()
        .number("workers", config.workers)
        .text("io_backend", word(kIoBackends, config.io_backend))
        .raw("store", store_json(config.store))
        .raw("listeners", auth::json_array(config.listeners, listener_json))
        .raw("limits", limits_json(config.limits))
        .raw("timeouts", timeouts_json(config.timeouts))
        .raw("upstreams", upstreams_json(config.upstreams))
        .raw("environments", auth::JsonObject()
                                 .text("live", config.environments.live)
                                 .text("test", config.environments.test)
                                 .to_string())
        .texts("sections", config.sections)
        .raw("routes", auth::json_array(config.routes, write_route))
        .raw("rate_limit", auth::JsonObject()
                               .number("requests_per_second", config.rate_limit.requests_per_second)
                               .number("burst", config.rate_limit.burst)
                               .to_string())
        .raw("address_limit", address_limit_json(config.address_limit))
        .raw("signature", auth::JsonObject()
                              .text("max_age", duration(config.signature.max_age))
                              .text("max_ahead", duration(config.signature.max_ahead))
                              .texts("covers", config.signature.covers)
                              .to_string())
        .raw("replay", replay_json(config.replay))
        .raw("log", auth::JsonObject()
                        .text("level", config.log.level)
                        .text("destination", config.log.destination)
                        .to_string())
        .raw("access_log", access_log_json(config.access_log))
        .raw("tracing", tracing_json(config.tracing))
        .raw("admin", admin_json(config.admin))
        .raw("health", health_listener_json(config.health))
        .to_string();
}

}  // namespace kwikgate::gateway
