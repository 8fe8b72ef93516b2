#pragma once

#include <sys/socket.h>
#include <memory>
#include <string>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/net/tls.hpp"

namespace kwikgate::gateway::proxy {

/// One server of an upstream with its resolved address.
struct ServerEndpoint {
    std::string name;  ///< "host:port" as configured; the label in logs.
    std::string host;  ///< Its host alone: the name that its certificate must be for.
    bool is_tls = false;
    sockaddr_storage address{};
    socklen_t address_length = 0;
};

/// An upstream made ready: its settings and where its servers are. Immutable, shared by workers.
struct Upstream {
    UpstreamConfig config;
    std::vector<ServerEndpoint> servers;
    std::shared_ptr<const net::ClientTls> tls;  ///< Null where no server is https.
    std::string replacement_authorization;      ///< For CredentialHandling::replace.
};

/// Resolves every server name. Blocking: called while a configuration is built, never by a worker.
/// Returns one line for what cannot be resolved or read, else empty.
std::string resolve(const UpstreamConfig& config, Upstream& out);

}  // namespace kwikgate::gateway::proxy
