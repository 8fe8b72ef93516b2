#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/secret.hpp"
#include "gateway/config/config.hpp"
#include "gateway/proxy/upstream.hpp"

namespace kwikgate::gateway::proxy {

/// Where spans go, made ready. Immutable but for the server's addresses; a reload makes another.
struct Collector {
    TracingConfig config;
    ServerEndpoint server;
    std::shared_ptr<const net::ClientTls> tls;  ///< Null: plain http.
    std::string path;
    auth::SecretString fields;  ///< Of `headers_file`: whole lines.

    /// An export request with this body.
    auth::SecretString request(std::string_view body) const;
    /// As something whose names can be looked up again and again.
    Upstream to_refresh() const;
};

struct BuiltCollector {
    std::shared_ptr<const Collector> collector;  ///< Null where tracing is off.
    std::string error;                           ///< One line: a file that cannot be used.
};

/// Reads its files and looks its name up. Blocking. A name that cannot be found is no error: the
/// gateway serves without its collector, and looks again later. A server that `previous` has too
/// keeps its addresses.
BuiltCollector build_collector(const TracingConfig& config, const Collector* previous);

}  // namespace kwikgate::gateway::proxy
