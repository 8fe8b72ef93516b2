#include "gateway/proxy/upstream_pool.hpp"

#include <algorithm>
#include <cassert>

namespace kwikgate::gateway::proxy {

UpstreamConnection::UpstreamConnection(UpstreamPool& pool, boost::asio::io_context& context,
                                       net::DeadlineWheel& wheel)
    : net::Deadline(wheel), pool_(pool), stream_(context, *this) {}

void UpstreamConnection::on_readable() {
    if (state_ == State::connecting) {
        pool_.finish_connect(*this);  // The handshake goes on.
    } else if (state_ == State::busy) {
        client_->on_upstream_readable();
    } else if (state_ == State::idle) {
        // An idle connection has nothing to say: it was closed, or it speaks out of turn.
        if (stream_.is_quiet()) {
            stream_.wait_readable();
        } else {
            pool_.close(*this);
        }
    }
}

void UpstreamConnection::on_writable() {
    if (state_ == State::connecting) {
        pool_.finish_connect(*this);
    } else if (state_ == State::busy) {
        client_->on_upstream_writable();
    }
}

void UpstreamConnection::on_released() {
    pool_.spares_.push_back(this);
}

void UpstreamConnection::on_deadline() {
    if (state_ == State::connecting) {
        pool_.connect_failed(*this, auth::Reason::upstream_timeout);
    } else if (state_ == State::busy) {
        client_->on_upstream_deadline();
    } else if (state_ == State::idle) {
        pool_.close(*this);
    }
}

UpstreamPool::UpstreamPool(const Upstream& upstream, boost::asio::io_context& context,
                           net::DeadlineWheel& wheel, net::BufferPool& buffers,
                           const PoolCounters& counters)
    : upstream_(upstream),
      context_(context),
      wheel_(wheel),
      buffers_(buffers),
      counters_(*counters.upstream),
      taken_(upstream.config.max_connections, upstream.config.token_share),
      waiting_(upstream.config.max_pending, upstream.config.token_share) {
    servers_.reserve(upstream.servers.size());
    for (const ServerEndpoint& endpoint : upstream.servers) {
        servers_.push_back({});
        servers_.back().endpoint = &endpoint;
        servers_.back().counters = counters.servers[servers_.size() - 1];
        servers_.back().idle.reserve(upstream.config.max_connections);
    }
    all_.reserve(upstream.config.max_connections);
    spares_.reserve(upstream.config.max_connections);
}

UpstreamPool::~UpstreamPool() = default;

bool UpstreamPool::is_available(const Server& server) const {
    return !is_ejected(server) && !server.endpoint->state->is_down();
}

Server* UpstreamPool::choose(const Server* avoided) {
    const auto is_candidate = [&](const Server& server) {
        return &server != avoided && is_available(server);
    };
    Server* only = nullptr;
    std::size_t available = 0;
    for (Server& server : servers_) {
        if (!is_candidate(server)) continue;
        ++available;
        only = &server;
    }
    if (available == 0 && avoided != nullptr) return choose();
    if (available <= 1) return only;
    // Two at random, the less busy one: close to the best choice, without herding (power of two
    // choices).
    const auto pick = [&]() -> Server* {
        std::size_t n = random_() % available;
        for (Server& server : servers_)
            if (is_candidate(server) && n-- == 0) return &server;
        return nullptr;
    };
    Server* first = pick();
    Server* second = pick();
    return second->requests < first->requests ? second : first;
}

UpstreamConnection* UpstreamPool::take_idle(Server& server, const Wanted& wanted) {
    while (!server.idle.empty()) {
        UpstreamConnection* connection = server.idle.back();
        const net::Stream& stream = connection->stream_;
        // Under TLS what comes may be no data, and a look costs little beside the rest.
        const bool must_look = wanted.must_look || stream.may_have_unread() ||
                               stream.tls() != nullptr ||
                               stream.hears_end() != wanted.came_through_ring;
        if (must_look && !connection->stream_.is_quiet()) {
            close(*connection);
            continue;
        }
        server.idle.pop_back();
        return connection;
    }
    return nullptr;
}

Acquired UpstreamPool::refuse_share() {
    counters_.share_refusals.add();
    return {.reason = auth::Reason::concurrency_limited};
}

Acquired UpstreamPool::acquire(UpstreamClient& client, const Wanted& wanted) {
    Server* server = choose(wanted.is_retry ? client.tried_ : nullptr);
    if (server == nullptr) return {.reason = auth::Reason::no_healthy_upstream};
    client.token_ = wanted.token;
    if (taken_.is_used_up(wanted.token)) return refuse_share();
    if (!wanted.is_retry) {
        if (UpstreamConnection* connection = take_idle(*server, wanted)) {
            counters_.reuses.add();
            lend(*connection, client);
            return {.connection = connection};
        }
    }
    if (open_connections_ < upstream_.config.max_connections) {
        if (connect(*server, client)) return {.is_pending = true};
        return {.reason = auth::Reason::upstream_unreachable};
    }
    // All connections are in use (or idle at another server): wait for one.
    for (Server& other : servers_) {
        if (wanted.is_retry || !is_available(other)) continue;
        if (UpstreamConnection* connection = take_idle(other, wanted)) {
            counters_.reuses.add();
            lend(*connection, client);
            return {.connection = connection};
        }
    }
    if (waiting_.is_used_up(wanted.token)) return refuse_share();
    if (pending_count_ >= upstream_.config.max_pending) return {.reason = auth::Reason::overloaded};
    push_pending(client);
    return {.is_pending = true, .is_queued = true};
}

UpstreamConnection& UpstreamPool::spare() {
    if (spares_.empty()) {
        all_.push_back(std::make_unique<UpstreamConnection>(*this, context_, wheel_));
        return *all_.back();
    }
    UpstreamConnection* connection = spares_.back();
    spares_.pop_back();
    return *connection;
}

/// One made for a request counts from there on: it is held already when it is lent.
void UpstreamPool::hold(UpstreamConnection& connection, store::TokenNumber token) {
    if (connection.is_held_) return;
    connection.is_held_ = true;
    connection.holder_ = token;
    taken_.take(token);
}

void UpstreamPool::let_go(UpstreamConnection& connection) {
    if (!connection.is_held_) return;
    connection.is_held_ = false;
    taken_.give_back(connection.holder_);
}

void UpstreamPool::lend(UpstreamConnection& connection, UpstreamClient& client) {
    client.is_pending_ = false;
    hold(connection, client.token_);
    client.tried_ = connection.server_;
    connection.client_ = &client;
    connection.state_ = UpstreamConnection::State::busy;
    connection.clear();
    ++connection.requests_;
    ++connection.server_->requests;
    if (!connection.input_.has_block()) connection.input_ = buffers_.take();
}

void UpstreamPool::cancel(UpstreamClient& client) {
    if (!client.is_pending_) return;
    client.is_pending_ = false;
    if (client.previous_pending_ != nullptr || client.next_pending_ != nullptr ||
        pending_head_ == &client) {
        remove_pending(client);
        return;
    }
    for (const auto& connection : all_)
        if (connection->client_ == &client) connection->client_ = nullptr;
}

void UpstreamPool::release(UpstreamConnection& connection, bool is_reusable) {
    assert(connection.state_ == UpstreamConnection::State::busy);
    Server& server = *connection.server_;
    if (!is_reusable || connection.has_surplus() || has_moved(connection) ||
        server.idle.size() >= upstream_.config.max_idle_connections) {
        close(connection);
        serve_pending();
        return;
    }
    --server.requests;
    let_go(connection);
    connection.client_ = nullptr;
    connection.input_.release();
    connection.state_ = UpstreamConnection::State::idle;
    connection.set(upstream_.config.keep_alive);
    connection.stream_.wait_readable();
    server.idle.push_back(&connection);
    if (pending_count_ != 0) serve_pending();
}

void UpstreamPool::fail(UpstreamConnection& connection) {
    note_failure(*connection.server_);
    close(connection);
    serve_pending();
}

void UpstreamPool::note_success(UpstreamConnection& connection) {
    connection.server_->consecutive_failures = 0;
}

bool UpstreamPool::has_another(const UpstreamClient& client) const {
    return std::any_of(servers_.begin(), servers_.end(), [&](const Server& server) {
        return &server != client.tried_ && is_available(server);
    });
}

void UpstreamPool::note_failure(Server& server) {
    server.counters->failures.add();
    if (++server.consecutive_failures < upstream_.config.health.eject_after_failures) return;
    const auto available = std::count_if(servers_.begin(), servers_.end(),
                                         [&](const Server& other) { return is_available(other); });
    if (available < 2) return;  // Nowhere else to go: trying is better than refusing.
    server.consecutive_failures = 0;
    server.counters->ejections.add();
    server.ejected_until = wheel_.now() + upstream_.config.health.eject_for;
}

void UpstreamPool::close(UpstreamConnection& connection) {
    Server& server = *connection.server_;
    if (connection.state_ == UpstreamConnection::State::idle) {
        const auto found = std::find(server.idle.begin(), server.idle.end(), &connection);
        if (found != server.idle.end()) server.idle.erase(found);
    } else {
        --server.requests;
    }
    let_go(connection);
    connection.clear();
    connection.state_ = UpstreamConnection::State::closed;
    connection.client_ = nullptr;
    connection.input_.release();
    --server.connections;
    --open_connections_;
    connection.stream_.close();
}

void UpstreamPool::push_pending(UpstreamClient& client) {
    client.is_pending_ = true;
    client.next_pending_ = nullptr;
    client.previous_pending_ = pending_tail_;
    (pending_tail_ != nullptr ? pending_tail_->next_pending_ : pending_head_) = &client;
    pending_tail_ = &client;
    ++pending_count_;
    waiting_.take(client.token_);
}

void UpstreamPool::remove_pending(UpstreamClient& client) {
    (client.previous_pending_ != nullptr ? client.previous_pending_->next_pending_
                                         : pending_head_) = client.next_pending_;
    (client.next_pending_ != nullptr ? client.next_pending_->previous_pending_ : pending_tail_) =
        client.previous_pending_;
    client.next_pending_ = client.previous_pending_ = nullptr;
    client.is_pending_ = false;
    --pending_count_;
    waiting_.give_back(client.token_);
}

void UpstreamPool::serve_pending() {
    while (pending_head_ != nullptr) {
        UpstreamClient& client = *pending_head_;
        if (taken_.is_used_up(client.token_)) {
            remove_pending(client);
            client.on_upstream_unavailable(refuse_share().reason);
            continue;
        }
        Server* server = choose();
        UpstreamConnection* connection = nullptr;
        constexpr Wanted kProven{.must_look = true};
        if (server != nullptr) connection = take_idle(*server, kProven);
        for (std::size_t i = 0; connection == nullptr && i < servers_.size(); ++i)
            if (is_available(servers_[i])) connection = take_idle(servers_[i], kProven);
        if (connection != nullptr) {
            remove_pending(client);
            counters_.reuses.add();
            lend(*connection, client);
            client.on_upstream_connected(*connection);
            continue;
        }
        if (server != nullptr && open_connections_ >= upstream_.config.max_connections) return;
        remove_pending(client);
        if (server == nullptr) {
            client.on_upstream_unavailable(auth::Reason::no_healthy_upstream);
        } else if (!connect(*server, client)) {
            client.on_upstream_unavailable(auth::Reason::upstream_unreachable);
        }
    }
}

void UpstreamPool::probe_idle() {
    for (Server& server : servers_) {
        refresh_addresses(server);
        for (std::size_t i = server.idle.size(); i-- > 0;)
            if (!server.idle[i]->stream_.is_quiet()) close(*server.idle[i]);
    }
}

void UpstreamPool::close_idle() {
    for (Server& server : servers_)
        while (!server.idle.empty()) close(*server.idle.back());
}

void UpstreamPool::close_all() {
    for (const auto& connection : all_)
        if (connection->state_ != UpstreamConnection::State::closed) close(*connection);
}

}  // namespace kwikgate::gateway::proxy
