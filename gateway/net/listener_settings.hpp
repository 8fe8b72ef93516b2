#pragma once

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

}  // namespace kwikgate::gateway::net
