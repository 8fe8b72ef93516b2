#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/signature/sha2.hpp"
#include "gateway/config/config.hpp"
#include "gateway/net/tls.hpp"
#include "gateway/proxy/server_state.hpp"

namespace kwikgate::gateway::proxy {

/// One server of an upstream.
struct ServerEndpoint {
    std::string name;  ///< "host:port" as configured; the label in logs.
    std::string node;  ///< Its host alone, a name or an address.
    std::string port;
    std::string host;  ///< The name that its certificate must be for: without a dot at the end.
    bool is_tls = false;
    std::shared_ptr<ServerState> state;  ///< Goes on over a reload.
};

/// What a server's URL says of it: everything but `state`.
ServerEndpoint parse_server(const std::string& url);

/// An upstream made ready: its settings and where its servers are. Immutable, shared by workers.
struct Upstream {
    UpstreamConfig config;
    std::vector<ServerEndpoint> servers;
    std::shared_ptr<const net::ClientTls> tls;  ///< Null where no server is https.
    std::string replacement_authorization;      ///< For CredentialHandling::replace.
    /// Signs the identity; null where the upstream wants no proof.
    std::shared_ptr<const auth::HmacSha256Key> identity_key;
};

/// Resolves every server name that `previous`, the upstream of this name so far, does not have.
/// Blocking: called while a configuration is built, never by a worker. Returns one line for what
/// cannot be resolved or read, else empty.
std::string resolve(const UpstreamConfig& config, const Upstream* previous, Upstream& out);

}  // namespace kwikgate::gateway::proxy
