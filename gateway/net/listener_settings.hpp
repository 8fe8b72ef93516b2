#pragma once

#include <cstddef>
#include <memory>

#include "gateway/config/config.hpp"
#include "gateway/net/tls.hpp"

namespace kwikgate::gateway::net {

/// A listener's configuration made ready. Immutable, shared by its connections in all workers; a
/// reload makes another one.
struct ListenerSettings {
    ListenerConfig config;
    std::shared_ptr<const ServerTls> tls;  ///< Null: plain HTTP.
};

/// A listener as one worker's connections see it. A request uses the settings that are here when it
/// begins, so a reload reaches connections that are open. **Threads**: the worker's. **Owns** the
/// settings; a replaced one lives on in the `Runtime` that each of its requests holds.
struct CurrentListener {
    std::shared_ptr<const ListenerSettings> settings;
    /// A reload removed the listener, or changed how its connections begin: each of them ends after
    /// its current answer.
    bool has_ended = false;
    std::size_t connections = 0;
};

/// True when a connection that began under `a` could have begun in the same way under `b`: what is
/// judged once a connection (who may send a PROXY header, TLS or not, certificates of clients) has
/// not changed.
inline bool begins_alike(const ListenerConfig& a, const ListenerConfig& b) {
    return a.proxy_protocol == b.proxy_protocol &&
           (!a.proxy_protocol || a.trusted_proxies == b.trusted_proxies) &&
           a.tls.is_enabled() == b.tls.is_enabled() &&
           a.tls.client_certificates == b.tls.client_certificates &&
           a.tls.client_ca_file == b.tls.client_ca_file;
}

}  // namespace kwikgate::gateway::net
