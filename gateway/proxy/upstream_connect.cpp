#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>

#include "gateway/proxy/upstream_pool.hpp"
#include "gateway/telemetry/log.hpp"

/// How a pool makes a connection: TCP, then TLS where the server wants it.
namespace kwikgate::gateway::proxy {
namespace {

constexpr std::chrono::seconds kTlsWarningInterval{10};

}  // namespace

bool UpstreamPool::connect(Server& server, UpstreamClient& client) {
    client.tried_ = &server;
    const ServerEndpoint& endpoint = *server.endpoint;
    counters_.connects.add();
    const int descriptor = ::socket(endpoint.address.ss_family,
                                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (descriptor < 0) {
        counters_.connect_failures.add();
        return false;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
    if (::connect(descriptor, address, endpoint.address_length) != 0 && errno != EINPROGRESS) {
        ::close(descriptor);
        counters_.connect_failures.add();
        note_failure(server);
        return false;
    }
    UpstreamConnection& connection = spare();
    if (!connection.stream_.open(descriptor)) {
        spares_.push_back(&connection);
        counters_.connect_failures.add();
        return false;
    }
    connection.server_ = &server;
    connection.client_ = &client;
    connection.requests_ = 0;
    connection.is_tcp_connected_ = false;
    connection.state_ = UpstreamConnection::State::connecting;
    ++server.connections;
    ++server.requests;
    ++open_connections_;
    connection.set(upstream_.config.connect_timeout);
    connection.stream_.wait_writable();
    client.is_pending_ = true;
    return true;
}

void UpstreamPool::finish_connect(UpstreamConnection& connection) {
    // Asking again tells whether it is done: readiness may be reported once too early.
    const ServerEndpoint& endpoint = *connection.server_->endpoint;
    const auto* address = reinterpret_cast<const sockaddr*>(&endpoint.address);
    if (!connection.is_tcp_connected_ &&
        ::connect(connection.stream_.descriptor(), address, endpoint.address_length) != 0 &&
        errno != EISCONN) {
        if (errno == EALREADY || errno == EINPROGRESS) {
            connection.stream_.wait_writable();
            return;
        }
        connect_failed(connection, auth::Reason::upstream_unreachable);
        return;
    }
    connection.is_tcp_connected_ = true;
    if (endpoint.is_tls && !shake_hands(connection)) return;
    connection.clear();
    UpstreamClient* client = connection.client_;
    if (client == nullptr) {  // It was cancelled meanwhile: the connection serves somebody else.
        connection.state_ = UpstreamConnection::State::busy;
        release(connection, true);
        return;
    }
    --connection.server_->requests;
    lend(connection, *client);
    client->on_upstream_connected(connection);
}

bool UpstreamPool::shake_hands(UpstreamConnection& connection) {
    net::Stream& stream = connection.stream_;
    Server& server = *connection.server_;
    if (stream.tls() == nullptr)
        stream.start_tls(
            net::TlsChannel::connect(*upstream_.tls, stream.descriptor(), server.endpoint->host));
    const auto status =
        stream.tls() == nullptr ? net::IoStatus::failed : stream.tls()->handshake().status;
    if (status == net::IoStatus::done) return true;
    if (status == net::IoStatus::would_block) {
        stream.wait_readable();
        return false;
    }
    if (wheel_.now() >= server.next_tls_warning && stream.tls() != nullptr) {
        server.next_tls_warning = wheel_.now() + kTlsWarningInterval;
        log_warn("upstream server " + server.endpoint->name + ": TLS: " + stream.tls()->failure());
    }
    connect_failed(connection, auth::Reason::upstream_unreachable);
    return false;
}

void UpstreamPool::connect_failed(UpstreamConnection& connection, auth::Reason reason) {
    UpstreamClient* client = connection.client_;
    counters_.connect_failures.add();
    note_failure(*connection.server_);
    close(connection);
    if (client != nullptr) {
        client->is_pending_ = false;
        client->on_upstream_unavailable(reason);
    }
    serve_pending();
}

}  // namespace kwikgate::gateway::proxy
