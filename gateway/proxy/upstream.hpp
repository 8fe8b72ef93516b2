#pragma once

#include <sys/socket.h>
#include <string>
#include <vector>

#include "gateway/config/config.hpp"

namespace kwikgate::gateway::proxy {

/// One server of an upstream with its resolved address.
struct ServerEndpoint {
    std::string name;  ///< "host:port" as configured; the label in logs.
    sockaddr_storage address{};
    socklen_t address_length = 0;
};

/// An upstream made ready: its settings and where its servers are. Immutable, shared by workers.
struct Upstream {
    UpstreamConfig config;
    std::vector<ServerEndpoint> servers;
    std::string replacement_authorization;  ///< For CredentialHandling::replace.
};

/// Resolves every server name. Blocking: called while a configuration is built, never by a worker.
/// Returns one line for what cannot be resolved or read, else empty.
std::string resolve(const UpstreamConfig& config, Upstream& out);

}  // namespace kwikgate::gateway::proxy
