#include "gateway/proxy/connecting.hpp"

#include <cerrno>

#include "tests/fuzz/pipeline/upstream.hpp"

/// In the place of the library's: connections to the upstream without TCP, whose packets arrive
/// whenever the kernel gets round to them. What is written here can be read at once.
namespace kwikgate::gateway::proxy {

int begin_connect(const SocketAddress&) {
    const int descriptor = fuzz::Upstream::connect();
    if (descriptor < 0) errno = ECONNREFUSED;
    return descriptor;
}

net::IoStatus continue_connect(const net::Stream&, const SocketAddress&) {
    return net::IoStatus::done;
}

net::IoStatus continue_handshake(net::Stream&, const net::ClientTls*, const ServerEndpoint&) {
    return net::IoStatus::done;
}

}  // namespace kwikgate::gateway::proxy
