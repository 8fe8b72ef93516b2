#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "auth/decision.hpp"
#include "gateway/net/buffer_pool.hpp"
#include "gateway/net/deadline.hpp"
#include "gateway/net/stream.hpp"
#include "gateway/proxy/token_shares.hpp"
#include "gateway/proxy/upstream.hpp"
#include "gateway/telemetry/metrics.hpp"

namespace kwikgate::gateway::proxy {

class UpstreamConnection;
class UpstreamPool;
struct Server;

/// An exchange as its upstream connection sees it.
class UpstreamClient {
  public:
    virtual void on_upstream_connected(UpstreamConnection& connection) = 0;
    /// No connection, or it died while it was being made. The pool has forgotten this client.
    virtual void on_upstream_unavailable(auth::Reason reason) = 0;
    virtual void on_upstream_readable() = 0;
    virtual void on_upstream_writable() = 0;
    virtual void on_upstream_deadline() = 0;

  protected:
    virtual ~UpstreamClient() = default;

  private:
    friend class UpstreamPool;
    UpstreamClient* next_pending_ = nullptr;
    UpstreamClient* previous_pending_ = nullptr;
    Server* tried_ = nullptr;     ///< The server of its last attempt.
    store::TokenNumber token_{};  ///< Whose share it counts against.
    bool is_pending_ = false;
};

/// Where a pool counts: rows of its worker's metrics, one a server in order. Outlives the pool.
struct PoolCounters {
    UpstreamCounters* upstream = nullptr;
    std::vector<ServerCounters*> servers;
};

/// A server as one worker sees it: what it has there and how that went lately.
struct Server {
    const ServerEndpoint* endpoint = nullptr;
    ServerCounters* counters = nullptr;
    AddressList addresses;
    std::uint32_t addresses_version = 0;
    std::size_t address_at = 0;  ///< The one that is used; a failure moves on to the next.
    std::vector<UpstreamConnection*> idle;
    std::size_t connections = 0;  ///< Connecting, busy and idle.
    std::size_t requests = 0;     ///< In flight: what least-requests compares.
    unsigned consecutive_failures = 0;
    net::Clock::time_point ejected_until{};
    net::Clock::time_point next_tls_warning{};
};

/// A connection to a server. **Owns** its stream and its receive buffer. Lent to one exchange at a
/// time. **Threads**: the worker's.
class UpstreamConnection final : net::StreamEvents, net::Deadline {
  public:
    UpstreamConnection(UpstreamPool& pool, boost::asio::io_context& context,
                       net::DeadlineWheel& wheel);

    net::Stream& stream() { return stream_; }
    net::Buffer& input() { return input_; }
    bool is_reused() const { return requests_ > 1; }
    std::string_view server_name() const { return server_->endpoint->name; }
    /// The deadline of the wait that the exchange is in; fires `on_upstream_deadline`.
    void set_deadline(std::chrono::milliseconds after) { set(after); }
    void clear_deadline() { clear(); }

  private:
    friend class UpstreamPool;
    enum class State : std::uint8_t { closed, connecting, busy, idle };
    void on_readable() override;
    void on_writable() override;
    void on_released() override;
    void on_deadline() override;
    /// More has come than the answer: whoever is lent it next would take that for theirs.
    bool has_surplus() {
        return !input_.empty() || (stream_.may_have_unread() && !stream_.is_quiet());
    }

    UpstreamPool& pool_;
    net::Stream stream_;
    SocketAddress address_;
    std::uint32_t addresses_version_ = 0;  ///< Of the list that has `address_`.
    net::Buffer input_;
    Server* server_ = nullptr;
    UpstreamClient* client_ = nullptr;
    State state_ = State::closed;
    store::TokenNumber holder_{};  ///< Whose request it was made for or lent to.
    bool is_held_ = false;         ///< It counts as taken: connecting or busy.
    bool is_tcp_connected_ = false;
    std::uint64_t requests_ = 0;
};

/// What a request wants of a connection.
struct Wanted {
    store::TokenNumber token{};
    /// Asks for proof that an idle one is alive and has nothing to say (one receive that takes
    /// nothing): for a write, which is never repeated, and for a request that no event told of, so
    /// that an event of the idle connection may be waiting.
    bool must_look = false;
    /// Another attempt: never a pooled one, and another server than the last where there is one.
    bool is_retry = false;
    /// The request came through the ring. Where it goes out another way, events of the two are not
    /// told in the order in which they happened, and an idle connection is looked at as well.
    bool came_through_ring = false;
};

/// What `acquire` did.
struct Acquired {
    UpstreamConnection* connection = nullptr;  ///< Ready now.
    bool is_pending = false;                   ///< A callback follows.
    bool is_queued = false;                    ///< It follows when a connection becomes free.
    auth::Reason reason = auth::Reason::none;  ///< Refused.
};

/// One worker's connections to one upstream: keep-alive, least-requests by the power of two
/// choices, bounded in connections and in waiting requests, and by shares in what one token may
/// hold of either while they are scarce. A connection counts as taken from the moment it is made
/// for a request or lent to one until it is idle or closed, however that comes about. An idle
/// connection with unasked-for bytes is closed when the loop tells of them, and before the next
/// request is written: looked at before a write, and before a read where the look costs no system
/// call. **Threads**: the worker's. Outlives its clients.
class UpstreamPool {
  public:
    UpstreamPool(const Upstream& upstream, boost::asio::io_context& context,
                 net::DeadlineWheel& wheel, net::BufferPool& buffers, const PoolCounters& counters);
    UpstreamPool(const UpstreamPool&) = delete;
    ~UpstreamPool();

    const Upstream& upstream() const { return upstream_; }
    UpstreamCounters& counters() const { return counters_; }
    const std::vector<Server>& servers() const { return servers_; }
    bool is_available(const Server& server) const;
    bool is_ejected(const Server& server) const { return server.ejected_until > wheel_.now(); }
    std::size_t open_connections() const { return open_connections_; }
    std::size_t pending_requests() const { return pending_count_; }

    /// Whether the token holds its share of the connections while they are scarce.
    bool is_share_used_up(store::TokenNumber token) const { return taken_.is_used_up(token); }

    /// A connection for one request.
    Acquired acquire(UpstreamClient& client, const Wanted& wanted);
    /// Forgets a client whose callback has not come.
    void cancel(UpstreamClient& client);
    /// The request is over. Reusable only when both messages ended properly.
    void release(UpstreamConnection& connection, bool is_reusable);
    /// The request failed on this connection: counts against the server and closes.
    void fail(UpstreamConnection& connection);
    /// The whole answer came: the server works.
    void note_success(UpstreamConnection& connection);
    /// Whether another attempt would go to another server than the last.
    bool has_another(const UpstreamClient& client) const;

    /// Closes idle connections whose peer has gone or is at another address now, once in a while.
    void probe_idle();
    void close_idle();
    /// Closes everything; no client may be left.
    void close_all();
    /// True when it may be destroyed: no request, no connection, and the loop holds no operation of
    /// a closed one any more.
    bool is_unused() const { return spares_.size() == all_.size() && pending_count_ == 0; }

  private:
    friend class UpstreamConnection;

    Server* choose(const Server* avoided = nullptr);
    UpstreamConnection* take_idle(Server& server, const Wanted& wanted);
    Acquired refuse_share();
    void hold(UpstreamConnection& connection, store::TokenNumber token);
    void let_go(UpstreamConnection& connection);
    bool connect(Server& server, UpstreamClient& client);
    void finish_connect(UpstreamConnection& connection);
    /// True once TLS is established; else it waits, or the connection has failed.
    bool shake_hands(UpstreamConnection& connection);
    void connect_failed(UpstreamConnection& connection, auth::Reason reason);
    void close(UpstreamConnection& connection);
    void lend(UpstreamConnection& connection, UpstreamClient& client);
    void push_pending(UpstreamClient& client);
    void remove_pending(UpstreamClient& client);
    void serve_pending();
    void note_failure(Server& server);
    void note_connect_failure(Server& server);
    /// Takes new addresses into use: idle connections to others go.
    void refresh_addresses(Server& server);
    static bool has_moved(UpstreamConnection& connection);
    UpstreamConnection& spare();

    const Upstream& upstream_;
    boost::asio::io_context& context_;
    net::DeadlineWheel& wheel_;
    net::BufferPool& buffers_;
    UpstreamCounters& counters_;
    std::vector<Server> servers_;
    std::vector<std::unique_ptr<UpstreamConnection>> all_;
    std::vector<UpstreamConnection*> spares_;
    TokenShares taken_;    ///< Connections that are connecting or busy.
    TokenShares waiting_;  ///< Requests that wait for one.
    UpstreamClient* pending_head_ = nullptr;
    UpstreamClient* pending_tail_ = nullptr;
    std::size_t pending_count_ = 0;
    std::size_t open_connections_ = 0;
    std::minstd_rand random_{std::random_device{}()};
};

}  // namespace kwikgate::gateway::proxy
