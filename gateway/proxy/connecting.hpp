#pragma once

#include "gateway/net/stream.hpp"
#include "gateway/proxy/upstream.hpp"

/// The steps of a connection to a server: TCP, then TLS where it wants it. None of them blocks.
namespace kwikgate::gateway::proxy {

/// A descriptor that is connecting, or -1; `errno` says why.
int begin_connect(const SocketAddress& address);

/// `done` once TCP is connected; `would_block`: ask again when the stream is writable.
net::IoStatus continue_connect(const net::Stream& stream, const SocketAddress& address);

/// `done` once TLS is established, at once for a plain server; `would_block`: ask again when
/// `wait_readable` has come.
net::IoStatus continue_handshake(net::Stream& stream, const net::ClientTls* tls,
                                 const ServerEndpoint& server);

}  // namespace kwikgate::gateway::proxy
