#include <cerrno>

#include "gateway/proxy/connecting.hpp"
#include "gateway/proxy/upstream_pool.hpp"
#include "gateway/telemetry/log.hpp"

/// How a pool makes a connection: TCP, then TLS where the server wants it.
namespace kwikgate::gateway::proxy {
namespace {

constexpr std::chrono::seconds kTlsWarningInterval{10};

}  // namespace

void UpstreamPool::refresh_addresses(Server& server) {
    if (!server.endpoint->state->refresh(server.addresses_version, server.addresses)) return;
    server.address_at = 0;
    for (std::size_t i = server.idle.size(); i-- > 0;)
        if (!server.addresses.contains(server.idle[i]->address_)) close(*server.idle[i]);
}

bool UpstreamPool::has_moved(UpstreamConnection& connection) {
    const Server& server = *connection.server_;
    if (connection.addresses_version_ == server.addresses_version) return false;
    if (!server.addresses.contains(connection.address_)) return true;
    connection.addresses_version_ = server.addresses_version;
    return false;
}

void UpstreamPool::note_connect_failure(Server& server) {
    server.address_at = (server.address_at + 1) % server.addresses.size;
    note_failure(server);
}

bool UpstreamPool::connect(Server& server, UpstreamClient& client) {
    client.tried_ = &server;
    counters_.connects.add();
    refresh_addresses(server);
    const SocketAddress& address = server.addresses.addresses[server.address_at];
    const int descriptor = begin_connect(address);
    if (descriptor < 0) {
        counters_.connect_failures.add();
        const bool is_ours = errno == EMFILE || errno == ENFILE || errno == ENOMEM ||
                             errno == ENOBUFS || errno == EADDRNOTAVAIL;
        if (!is_ours) note_connect_failure(server);
        return false;
    }
    UpstreamConnection& connection = spare();
    const auto use = server.endpoint->is_tls ? net::Stream::Use::shared : net::Stream::Use::whole;
    if (!connection.stream_.open(descriptor, use)) {
        spares_.push_back(&connection);
        counters_.connect_failures.add();
        return false;
    }
    connection.server_ = &server;
    connection.client_ = &client;
    hold(connection, client.token_);
    connection.address_ = address;
    connection.addresses_version_ = server.addresses_version;
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
    if (!connection.is_tcp_connected_) {
        const net::IoStatus status = continue_connect(connection.stream_, connection.address_);
        if (status == net::IoStatus::would_block) connection.stream_.wait_writable();
        if (status == net::IoStatus::failed)
            connect_failed(connection, auth::Reason::upstream_unreachable);
        if (status != net::IoStatus::done) return;
    }
    connection.is_tcp_connected_ = true;
    if (!shake_hands(connection)) return;
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
    const net::IoStatus status = continue_handshake(stream, upstream_.tls.get(), *server.endpoint);
    if (status == net::IoStatus::done) {
        stream.leave_unread();  // The handshake may have read ahead: no event tells of that.
        return true;
    }
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
    note_connect_failure(*connection.server_);
    close(connection);
    if (client != nullptr) {
        client->is_pending_ = false;
        client->on_upstream_unavailable(reason);
    }
    serve_pending();
}

}  // namespace kwikgate::gateway::proxy
