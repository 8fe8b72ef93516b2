#include "gateway/proxy/connecting.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>

namespace kwikgate::gateway::proxy {

int begin_connect(const SocketAddress& address) {
    const int descriptor =
        ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor < 0) return -1;
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(descriptor, address.get(), address.length()) == 0 || errno == EINPROGRESS)
        return descriptor;
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return -1;
}

net::IoStatus continue_connect(const net::Stream& stream, const SocketAddress& address) {
    // Asking again tells whether it is done: readiness may be reported once too early.
    if (::connect(stream.descriptor(), address.get(), address.length()) == 0 || errno == EISCONN)
        return net::IoStatus::done;
    const bool is_under_way = errno == EALREADY || errno == EINPROGRESS;
    return is_under_way ? net::IoStatus::would_block : net::IoStatus::failed;
}

net::IoStatus continue_handshake(net::Stream& stream, const net::ClientTls* tls,
                                 const ServerEndpoint& server) {
    if (!server.is_tls) return net::IoStatus::done;
    if (stream.tls() == nullptr)
        stream.start_tls(net::TlsChannel::connect(*tls, stream.descriptor(), server.host));
    return stream.tls() == nullptr ? net::IoStatus::failed : stream.tls()->handshake().status;
}

}  // namespace kwikgate::gateway::proxy
