#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "auth/vocabulary.hpp"
#include "store/types.hpp"

/// The configuration as checked values: what `configs/full.json` names, with its defaults. A plain
/// struct a section, filled by the tables in `config/parse_*.cpp`, never half valid.
namespace kwikgate::gateway {

using std::chrono::milliseconds;

struct StoreConfig {
    std::filesystem::path path = "store";  ///< Relative to the configuration file.
    std::filesystem::path master_key_file =
        "master.key";  ///< "$CREDENTIALS_DIRECTORY/x" is expanded.
    std::size_t map_bytes = std::size_t{64} << 30;
    milliseconds usage_flush_interval{2000};  ///< At most 5 s.
    friend bool operator==(const StoreConfig&, const StoreConfig&) = default;
};

enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };
enum class ClientCertificates : std::uint8_t { none, optional, required };

/// TLS towards clients; off while there is no certificate. A certificate's private key stands in
/// the same file, or beside it (see docs/configuration.md).
struct ListenerTlsConfig {
    std::vector<std::filesystem::path> certificates;  ///< The first one serves unknown names.
    TlsVersion min_version = TlsVersion::tls_1_2;
    ClientCertificates client_certificates = ClientCertificates::none;
    std::filesystem::path client_ca_file;
    bool is_enabled() const { return !certificates.empty(); }
    friend bool operator==(const ListenerTlsConfig&, const ListenerTlsConfig&) = default;
};

struct ListenerConfig {
    std::string name = "public";
    std::string address = "127.0.0.1:8080";       ///< "host:port", "[v6]:port".
    std::string scheme = "http";                  ///< As clients see it: part of what they sign.
    std::vector<std::string> authorities;         ///< Accepted Host values; empty: any.
    std::vector<store::IpRange> trusted_proxies;  ///< Whose X-Forwarded-* is believed.
    bool forwarded_host = false;  ///< Their X-Forwarded-Host is what the client asked for.
    bool proxy_protocol =
        false;  ///< Every connection begins with a PROXY header of a trusted proxy.
    ListenerTlsConfig tls;
    friend bool operator==(const ListenerConfig&, const ListenerConfig&) = default;
};

struct LimitsConfig {
    std::size_t request_line_bytes = 8 * 1024;
    std::size_t header_bytes = 16 * 1024;  ///< Request line and fields together.
    std::size_t header_fields = 100;
    std::size_t body_bytes = 1024 * 1024;     ///< A route may set its own.
    std::size_t held_body_bytes = 64 * 1024;  ///< A signed body up to this is held until verified.
    std::size_t response_header_bytes = 32 * 1024;
    std::size_t response_header_fields = 200;
    std::size_t connections_per_worker = 20000;
    std::size_t connections_per_address = 0;  ///< Of those, from one address; 0: any number.
    std::size_t requests_per_connection = 100000;
    std::size_t relay_buffer_bytes = 64 * 1024;
    milliseconds max_delay{250};        ///< What waits for a worker longer than this makes it shed.
    std::size_t min_rate_bytes = 1024;  ///< A second, of a client that is waited for; 0: any.
    friend bool operator==(const LimitsConfig&, const LimitsConfig&) = default;
};

struct TimeoutsConfig {
    milliseconds header{10'000};      ///< From a request's first byte to its complete header.
    milliseconds body_idle{30'000};   ///< Between two pieces of a body.
    milliseconds keep_alive{75'000};  ///< Idle between requests.
    milliseconds write_idle{30'000};  ///< Downstream takes no byte.
    milliseconds request{300'000};    ///< The whole request, headers to last byte.
    milliseconds drain{30'000};       ///< After SIGTERM.
    /// How long a client may be waited for before `limits.min_rate` counts.
    milliseconds min_rate_after{10'000};
    friend bool operator==(const TimeoutsConfig&, const TimeoutsConfig&) = default;
};

enum class CredentialHandling : std::uint8_t { strip, replace, pass };

struct HealthConfig {
    std::string path;  ///< Empty: no active checks.
    milliseconds interval{5'000};
    milliseconds timeout{2'000};
    unsigned healthy_after = 2;
    unsigned unhealthy_after = 3;
    unsigned eject_after_failures = 5;  ///< Passive: consecutive connection failures.
    milliseconds eject_for{10'000};
    friend bool operator==(const HealthConfig&, const HealthConfig&) = default;
};

/// For servers with https: verified, always.
struct UpstreamTlsConfig {
    std::filesystem::path ca_file;           ///< Empty: the system's.
    std::string server_name;                 ///< Empty: the host of the server's URL.
    std::filesystem::path certificate_file;  ///< Of the gateway, where the server asks for one.
    TlsVersion min_version = TlsVersion::tls_1_2;
    friend bool operator==(const UpstreamTlsConfig&, const UpstreamTlsConfig&) = default;
};

struct UpstreamConfig {
    std::string name;
    std::vector<std::string> servers;  ///< "http://host:port" or "https://host:port".
    std::string host;                  ///< Host sent upstream; empty: as the client sent it.
    milliseconds connect_timeout{2'000};
    milliseconds response_timeout{60'000};   ///< From the last request byte to the response header.
    milliseconds idle_timeout{30'000};       ///< Between two pieces of a response.
    milliseconds keep_alive{60'000};         ///< Of a pooled connection.
    std::size_t max_connections = 256;       ///< Per worker.
    std::size_t max_idle_connections = 128;  ///< Per worker.
    std::size_t max_pending = 1024;          ///< Requests waiting for a connection, per worker.
    milliseconds resolve_interval{30'000};   ///< Names are looked up again; 0: never.
    /// Percent of the connections, and of the waiting requests, that one token may hold while
    /// fewer than a quarter of them are free. 100: all.
    std::uint32_t token_share = 25;
    /// Its servers send no body with HEAD, 204 and 304: such a connection may be used again.
    bool reuse_bodyless = false;
    unsigned retries = 1;  ///< Only where it is safe; see docs/configuration.md.
    CredentialHandling credentials = CredentialHandling::strip;
    std::filesystem::path credentials_file;   ///< For `replace`: holds "user:password" for Basic.
    std::filesystem::path identity_key_file;  ///< Key of X-Kwik-Signature; empty: not signed.
    std::string via = "kwikgate";             ///< Pseudonym in Via, both ways; empty: no Via.
    UpstreamTlsConfig tls;
    HealthConfig health;
    friend bool operator==(const UpstreamConfig&, const UpstreamConfig&) = default;
};

/// A route as it stands in the table: "routes" of the configuration or a routes file.
struct RouteConfig {
    std::string method;   ///< "GET", "POST", …
    std::string path;     ///< "/2.0/transactions/record/{reference}", "/static/*".
    std::string section;  ///< Slug; empty: none needed.
    auth::Access access = auth::Access::read;
    auth::SchemeSet schemes;  ///< Default: basic and signature.
    std::string upstream;     ///< Empty: by the token's environment.
    std::optional<auth::Environment> environment;
    std::optional<std::size_t> body_bytes;   ///< See `body_limit`.
    bool check_json = false;                 ///< Refuse a body that is not JSON (`body_invalid`).
    std::vector<std::string> content_types;  ///< Empty: any.
    std::vector<std::string> covers;         ///< In addition to those of `SignatureConfig`.
    std::optional<milliseconds> response_timeout;
    bool inferred = false;  ///< Not stated by the API's documentation; for review.
    bool opaque = false;    ///< The upstream reads the raw bytes of the path.
    friend bool operator==(const RouteConfig&, const RouteConfig&) = default;
};

struct EnvironmentsConfig {
    std::string live;  ///< Upstream name.
    std::string test;  ///< Upstream name; empty: test tokens are refused.
    friend bool operator==(const EnvironmentsConfig&, const EnvironmentsConfig&) = default;
};

struct RateLimitConfig {
    std::uint32_t requests_per_second = 100;
    std::uint32_t burst = 100;
    friend bool operator==(const RateLimitConfig&, const RateLimitConfig&) = default;
};

/// Failed authentications an address may make before it is answered 429.
struct AddressLimitConfig {
    bool enabled = true;
    std::uint32_t failures_per_minute = 60;
    std::uint32_t burst = 20;
    std::size_t table_entries = 65536;
    std::vector<store::IpRange> exempt;
    friend bool operator==(const AddressLimitConfig&, const AddressLimitConfig&) = default;
};

struct SignatureConfig {
    milliseconds max_age{300'000};
    milliseconds max_ahead{30'000};
    std::vector<std::string> covers;  ///< Fields that must be covered where a request has them.
    friend bool operator==(const SignatureConfig&, const SignatureConfig&) = default;
};

enum class AfterCrash : std::uint8_t { refuse_writes, accept };

struct ReplayConfig {
    std::size_t entries = 1'000'000;
    std::uint32_t token_share = 50;  ///< Percent of `entries` that one token's nonces may take.
    std::size_t entries_per_token() const {
        constexpr std::size_t kAllOfIt = std::numeric_limits<std::size_t>::max();
        return token_share == 100 ? kAllOfIt : entries * token_share / 100;
    }
    std::filesystem::path state_file = "replay.state";  ///< Relative to the store's directory.
    AfterCrash after_crash = AfterCrash::refuse_writes;
    friend bool operator==(const ReplayConfig&, const ReplayConfig&) = default;
};

struct LogConfig {
    std::string level = "info";          ///< trace, debug, info, warn, error.
    std::string destination = "stderr";  ///< "stderr" or a file.
    friend bool operator==(const LogConfig&, const LogConfig&) = default;
};

/// Refused requests with a signature are written down here, to be explained later.
struct DebugCaptureConfig {
    std::filesystem::path file;  ///< Empty: off.
    std::size_t max_bytes = std::size_t{16} << 20;
    std::uint32_t per_minute = 60;
    friend bool operator==(const DebugCaptureConfig&, const DebugCaptureConfig&) = default;
};

struct AccessLogConfig {
    std::string destination = "stdout";  ///< "stdout", "stderr" or a file; reopened on SIGHUP.
    DebugCaptureConfig debug_capture;
    friend bool operator==(const AccessLogConfig&, const AccessLogConfig&) = default;
};

/// Spans of sampled requests, sent to a collector by OTLP/HTTP.
struct TracingConfig {
    std::string endpoint;  ///< "http://host:port/path"; empty: off. No path: /v1/traces.
    std::uint32_t sample_per_million = 10'000;
    bool follow_proxies = false;  ///< A trusted proxy's sampled flag decides.
    std::string service_name = "kwikgate";
    std::filesystem::path headers_file;  ///< Secret fields of the export request, a line each.
    std::filesystem::path ca_file;       ///< Empty: the system's.
    milliseconds interval{5'000};        ///< A span waits no longer for others to be sent with.
    milliseconds timeout{10'000};        ///< Of one export request.
    std::size_t queue = 2048;            ///< Sampled requests that wait, of all workers.
    bool is_enabled() const { return !endpoint.empty(); }
    friend bool operator==(const TracingConfig&, const TracingConfig&) = default;
};

/// The listener of the admin API and the console, apart from the public ones.
struct AdminConfig {
    std::string address = "127.0.0.1:9180";  ///< "host:port", "unix:path"; empty: none.
    std::filesystem::path certificate_file;  ///< Its key in it or beside it; empty: no TLS.
    std::vector<std::string> authorities;    ///< Accepted Host names beside addresses, localhost.
    bool open_metrics = true;                ///< /metrics needs no key from this machine.
    milliseconds session_idle{30 * 60'000};
    milliseconds session_lifetime{12 * 3'600'000};
    std::uint32_t max_connections = 64;
    bool is_unix_socket() const { return address.starts_with("unix:"); }
    friend bool operator==(const AdminConfig&, const AdminConfig&) = default;
};

/// A listener for probes and scrapes alone, so that nobody has to open the admin listener to them.
struct HealthListenerConfig {
    std::string address;   ///< "host:port"; empty: none.
    bool metrics = false;  ///< /metrics as well, without a key.
    friend bool operator==(const HealthListenerConfig&, const HealthListenerConfig&) = default;
};

/// What moves the bytes of connections.
enum class IoBackend : std::uint8_t { automatic, io_uring, epoll };

struct Config {
    std::filesystem::path file;  ///< Where it was read from.
    unsigned workers = 0;        ///< 0: one per core.
    IoBackend io_backend = IoBackend::automatic;
    StoreConfig store;
    std::vector<ListenerConfig> listeners;
    LimitsConfig limits;
    TimeoutsConfig timeouts;
    std::vector<UpstreamConfig> upstreams;
    EnvironmentsConfig environments;
    std::vector<std::string> sections;  ///< Catalogue beyond the seed.
    std::vector<RouteConfig> routes;    ///< Inline ones and those of `routes_files`.
    RateLimitConfig rate_limit;
    AddressLimitConfig address_limit;
    SignatureConfig signature;
    ReplayConfig replay;
    LogConfig log;
    AccessLogConfig access_log;
    TracingConfig tracing;
    AdminConfig admin;
    HealthListenerConfig health;
    friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace kwikgate::gateway
