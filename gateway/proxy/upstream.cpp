#include "gateway/proxy/upstream.hpp"

#include <algorithm>
#include <memory>

#include "auth/authority.hpp"
#include "auth/base64.hpp"
#include "auth/byte_order_mark.hpp"
#include "auth/private_input.hpp"
#include "auth/secret.hpp"

namespace kwikgate::gateway::proxy {
namespace {

std::string resolve_server(const std::string& url, const Upstream* previous, ServerEndpoint& out) {
    out = parse_server(url);
    if (previous != nullptr)
        for (const ServerEndpoint& known : previous->servers)
            if (known.name == out.name) out.state = known.state;
    if (out.state != nullptr) return {};
    AddressList addresses;
    if (const auto error = look_up(out.node, out.port, addresses); !error.empty())
        return "upstream server " + url + " cannot be resolved: " + error;
    out.state = std::make_shared<ServerState>(addresses);
    return {};
}

constexpr std::size_t kMaxCredentialsBytes = 4096;

/// One line `user:password`, as RFC 7617 allows it: a colon, and no control characters.
bool is_user_and_password(std::string_view text) {
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
    return text.find(':') != std::string_view::npos &&
           std::none_of(text.begin(), text.end(), is_control);
}

std::string read_replacement(const UpstreamConfig& config, std::string& authorization) {
    const std::string start =
        "upstream " + config.name + ": credentials_file " + config.credentials_file.string();
    auth::SecretBytes<kMaxCredentialsBytes> buffer;
    std::size_t size = 0;
    const auto outcome =
        auth::read_private_file(config.credentials_file, buffer.expose_mutable(), size);
    if (outcome != auth::PrivateInput::read)
        return start + " " + auth::problem_of(outcome, kMaxCredentialsBytes);
    const auto bytes = buffer.expose();
    std::string_view line(reinterpret_cast<const char*>(bytes.data()), size);
    const std::size_t mark = size - auth::without_byte_order_mark(line).size();
    line.remove_prefix(mark);
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_user_and_password(line)) return start + " must hold one line, user:password";
    authorization = "Basic " + auth::encode_base64(bytes.subspan(mark, line.size()));
    return {};
}

}  // namespace

ServerEndpoint parse_server(const std::string& url) {
    ServerEndpoint out;
    out.is_tls = url.rfind("https://", 0) == 0;
    out.name = url.substr(url.find("://") + 3);
    if (!out.name.empty() && out.name.back() == '/') out.name.pop_back();
    const auto server = auth::parse_authority(out.name);
    if (!server) return out;  // The configuration was checked: nothing of ours comes here.
    out.node = server->host;
    out.port = !server->port.empty() ? std::string(server->port) : out.is_tls ? "443" : "80";
    out.host = auth::without_trailing_dot(server->host);
    return out;
}

std::string resolve(const UpstreamConfig& config, const Upstream* previous, Upstream& out) {
    out.config = config;
    for (const std::string& url : config.servers) {
        ServerEndpoint endpoint;
        if (auto error = resolve_server(url, previous, endpoint); !error.empty()) return error;
        if (endpoint.is_tls && !config.tls.server_name.empty())
            endpoint.host = auth::without_trailing_dot(config.tls.server_name);
        out.servers.push_back(std::move(endpoint));
    }
    std::string error;
    if (std::any_of(out.servers.begin(), out.servers.end(),
                    [](const ServerEndpoint& server) { return server.is_tls; }))
        out.tls = net::ClientTls::load(config.tls, error);
    if (!error.empty()) return "upstream " + config.name + ": " + error;
    if (config.credentials == CredentialHandling::replace)
        return read_replacement(config, out.replacement_authorization);
    return {};
}

}  // namespace kwikgate::gateway::proxy
