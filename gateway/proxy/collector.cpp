#include "gateway/proxy/collector.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "auth/private_input.hpp"
#include "gateway/http/char_class.hpp"
#include "gateway/http/field_scanner.hpp"
#include "gateway/telemetry/log.hpp"

namespace kwikgate::gateway::proxy {
namespace {

constexpr std::size_t kMaxFieldsBytes = 4096;
constexpr std::string_view kDefaultPath = "/v1/traces";

/// What the request says by itself already, or what would change where it ends.
constexpr std::array<std::string_view, 7> kOwnFields = {
    "host",       "content-length", "content-type", "transfer-encoding",
    "connection", "user-agent",     "expect"};

bool is_field_line(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view name = line.substr(0, colon);
    const bool is_own = std::any_of(kOwnFields.begin(), kOwnFields.end(),
                                    [&](auto own) { return http::equal_ignoring_case(name, own); });
    return !is_own && http::all_of_class(name, http::kTokenChar) &&
           http::is_field_value(line.substr(colon + 1));
}

/// Lines `Name: value`, as they go into the request. Empty ones are skipped.
std::string read_fields(const std::filesystem::path& file, auth::SecretString& out) {
    const std::string start = "headers_file " + file.string();
    auth::SecretBytes<kMaxFieldsBytes> buffer;
    std::size_t size = 0;
    const auto outcome = auth::read_private_file(file, buffer.expose_mutable(), size);
    if (outcome != auth::PrivateInput::read)
        return start + " " + auth::problem_of(outcome, kMaxFieldsBytes);
    std::string_view text(reinterpret_cast<const char*>(buffer.expose().data()), size);
    std::string lines;
    lines.reserve(2 * kMaxFieldsBytes);  // It never moves: no copy is left behind.
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) continue;
        if (!is_field_line(line)) {
            auth::wipe(lines.data(), lines.size());
            return start +
                   " must hold lines \"Name: value\" of fields that the export does not set";
        }
        lines.append(line).append("\r\n");
    }
    out = auth::SecretString(std::move(lines));
    return {};
}

}  // namespace

auth::SecretString Collector::request(std::string_view body) const {
    constexpr std::size_t kRest = 1024;
    std::string out;
    out.reserve(path.size() + server.name.size() + fields.size() + body.size() + kRest);
    out.append("POST ").append(path).append(" HTTP/1.1\r\nHost: ").append(server.name);
    out.append("\r\nUser-Agent: kwikgate/" KWIKGATE_VERSION
               "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ");
    out.append(std::to_string(body.size())).append("\r\n");
    out.append(fields.expose()).append("\r\n").append(body);
    return auth::SecretString(std::move(out));
}

Upstream Collector::to_refresh() const {
    Upstream upstream;
    upstream.config.name = "tracing";
    upstream.servers.push_back(server);
    return upstream;
}

BuiltCollector build_collector(const TracingConfig& config, const Collector* previous) {
    if (!config.is_enabled()) return {};
    auto collector = std::make_shared<Collector>();
    collector->config = config;
    const std::size_t slash = config.endpoint.find('/', config.endpoint.find("://") + 3);
    collector->server = parse_server(config.endpoint.substr(0, slash));
    const bool has_path = slash != std::string::npos && slash + 1 < config.endpoint.size();
    collector->path = has_path ? config.endpoint.substr(slash) : std::string(kDefaultPath);
    std::string error;
    if (collector->server.is_tls) {
        UpstreamTlsConfig tls;
        tls.ca_file = config.ca_file;
        collector->tls = net::ClientTls::load(tls, error);
    }
    if (error.empty() && !config.headers_file.empty())
        error = read_fields(config.headers_file, collector->fields);
    if (!error.empty()) return {nullptr, "tracing: " + error};

    ServerEndpoint& server = collector->server;
    if (previous != nullptr && previous->server.name == server.name) {
        server.state = previous->server.state;
        return {std::move(collector), {}};
    }
    AddressList addresses;
    if (const auto why = look_up(server.node, server.port, addresses); !why.empty())
        log_warn("tracing: " + server.name + " cannot be resolved, spans wait for it: " + why);
    server.state = std::make_shared<ServerState>(addresses);
    return {std::move(collector), {}};
}

}  // namespace kwikgate::gateway::proxy
