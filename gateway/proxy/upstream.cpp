#include "gateway/proxy/upstream.hpp"

#include <algorithm>
#include <memory>

#include "auth/ascii.hpp"
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

constexpr std::size_t kMaxSecretBytes = 4096;
using SecretFile = auth::SecretBytes<kMaxSecretBytes>;

/// Reads one line. Returns what is wrong, as a clause; `line` lies in `buffer`.
std::string read_secret_line(const std::filesystem::path& file, SecretFile& buffer,
                             std::string_view& line) {
    std::size_t size = 0;
    const auto outcome = auth::read_private_file(file, buffer.expose_mutable(), size);
    if (outcome != auth::PrivateInput::read) return auth::problem_of(outcome, kMaxSecretBytes);
    const auto bytes = buffer.expose();
    line = auth::without_byte_order_mark({reinterpret_cast<const char*>(bytes.data()), size});
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return {};
}

/// One line `user:password`, as RFC 7617 allows it: a colon, and no control characters.
bool is_user_and_password(std::string_view text) {
    const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; };
    return text.find(':') != std::string_view::npos &&
           std::none_of(text.begin(), text.end(), is_control);
}

std::string read_replacement(const UpstreamConfig& config, std::string& authorization) {
    if (config.credentials != CredentialHandling::replace) return {};
    const std::string start =
        "upstream " + config.name + ": credentials_file " + config.credentials_file.string();
    SecretFile buffer;
    std::string_view line;
    if (const auto problem = read_secret_line(config.credentials_file, buffer, line);
        !problem.empty())
        return start + " " + problem;
    if (!is_user_and_password(line)) return start + " must hold one line, user:password";
    authorization =
        "Basic " +
        auth::encode_base64({reinterpret_cast<const std::uint8_t*>(line.data()), line.size()});
    return {};
}

std::string read_identity_key(const UpstreamConfig& config,
                              std::shared_ptr<const auth::HmacSha256Key>& key) {
    constexpr std::size_t kLeast = 32;
    constexpr std::size_t kMost = 256;
    if (config.identity_key_file.empty()) return {};
    const std::string start =
        "upstream " + config.name + ": identity_key_file " + config.identity_key_file.string();
    SecretFile buffer;
    std::string_view line;
    if (const auto problem = read_secret_line(config.identity_key_file, buffer, line);
        !problem.empty())
        return start + " " + problem;
    if (line.size() < kLeast || line.size() > kMost || !auth::is_visible_ascii(line))
        return start + " must hold one line of 32 to 256 visible characters, without blanks";
    key = std::make_shared<const auth::HmacSha256Key>(auth::derive_hmac_key(line).expose());
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
    error = read_replacement(config, out.replacement_authorization);
    return error.empty() ? read_identity_key(config, out.identity_key) : error;
}

}  // namespace kwikgate::gateway::proxy
