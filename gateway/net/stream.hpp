#pragma once

#include <sys/uio.h>
#include <boost/asio/detail/epoll_reactor.hpp>
#include <boost/asio/detail/reactor_op.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/version.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "gateway/net/io_result.hpp"
#include "gateway/net/ring_stream.hpp"
#include "gateway/net/tls.hpp"

static_assert(BOOST_VERSION == 108100,
              "Stream hooks into Asio's reactor: re-read stream.hpp first");

namespace kwikgate::gateway::net {

/// Reads that one connection may do in a row while others wait.
inline constexpr unsigned kReadsPerTurn = 4;

/// A connected, non-blocking TCP socket, plain or under TLS. A plain one goes through the
/// io_context's `Ring` where there is one and it is worth it (see RingStream); else readiness comes
/// from Asio's own reactor.
///
/// Asio's socket starts every read with a receive of its own; on a keep-alive connection that finds
/// nothing and costs a system call. Here an operation that performs no I/O is queued in the same
/// reactor and completes on the event; it reports itself exhausted, so starting it costs no system
/// call either, allocates nothing (it is a member) and needs no buffer while the connection idles.
///
/// The descriptor is edge-triggered. After a read that did not fill its buffer more data brings a
/// new event, but an end of stream that arrived together with the data brings none: while a message
/// is incomplete, read until it would block before waiting (see docs/adr/0002).
/// **Threads**: the one that runs the io_context. **Owns** the file descriptor.
class Stream {
  public:
    Stream(boost::asio::io_context& context, StreamEvents& events);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream();

    /// What else is done with the descriptor, beside reads and writes of this stream.
    enum class Use : std::uint8_t {
        whole,      ///< Nothing: it may go through a ring, from the start or from a wait on.
        shared,     ///< It is accepted from, peeked at or read by TLS: only readiness is told.
        inherited,  ///< As `shared`, and other descriptors name the same socket.
    };
    /// Takes over a non-blocking descriptor. False when it cannot be registered; it is closed then.
    bool open(int descriptor, Use use = Use::shared);
    bool is_open() const { return descriptor_ >= 0; }
    int descriptor() const { return descriptor_; }

    /// From here on everything goes through `channel`, whose handshake the first reads drive.
    void start_tls(std::unique_ptr<TlsChannel> channel) { tls_ = std::move(channel); }
    /// Null on a plain connection.
    TlsChannel* tls() const { return tls_.get(); }
    /// While a wait for reading is pending, the end of the stream is told like any bytes. Through
    /// the reactor it is not where it came together with bytes that were read.
    bool hears_end() const { return uses_ring_; }
    bool is_handshaking() const { return tls_ != nullptr && !tls_->is_established(); }

    IoResult read(std::span<char> buffer);
    /// Gathers; may write part. Never raises SIGPIPE.
    IoResult write(std::span<iovec> buffers);
    /// What lies unread, by one receive that takes nothing: `done` for bytes, `closed` for the end.
    /// Under TLS that is what lies in the records.
    IoStatus peek();
    /// True when nothing has arrived and the peer has not closed.
    bool is_quiet() { return peek() == IoStatus::would_block; }
    /// False: nothing is known to lie unread. Costs no system call.
    bool may_have_unread() const { return uses_ring_ ? ring_->may_have_unread() : may_have_more_; }

    /// Callbacks come from the loop, never from within these. A callback may find nothing to do:
    /// the first wait of each kind ends at once.
    void wait_readable();
    void wait_writable();
    /// Lets other connections have a turn, then reports readable whether or not more has come.
    void yield();
    /// An event was taken, but its bytes were left: the next wait ends at once.
    void leave_unread() {
        may_have_more_ = true;
        if (uses_ring_) ring_->leave_unread();
    }
    /// Half-closes, so that the peer sees the end while we may still drain what it sends.
    void shutdown_write();
    /// Closes now. Pending waits end silently; `on_released` follows from the loop if any was
    /// pending, else at once (before this returns).
    void close();
    /// Closes with a reset: the peer must not take what it got for a whole message.
    void abort();
    /// True when no operation of this stream is queued in the loop.
    bool is_released() const {
        return pending_ == 0 && !is_open() && (!ring_ || ring_->is_released());
    }

  private:
    struct Readiness : boost::asio::detail::reactor_op {
        Readiness(Stream& owner, bool is_read);
        static status perform(boost::asio::detail::reactor_op* operation);
        static void complete(void* owner, boost::asio::detail::scheduler_operation* operation,
                             const boost::system::error_code& error, std::size_t bytes);
        Stream& stream;
        bool is_read;
        bool is_armed = false;
    };
    IoResult receive(std::span<char> buffer);
    IoResult send(std::span<iovec> buffers);
    void release();
    void deregister(bool closes);
    bool should_enter_ring() const;
    void enter_ring();
    void arm(Readiness& readiness, int operation_type);
    void completed(Readiness& readiness);

    std::optional<RingStream> ring_;
    boost::asio::detail::epoll_reactor& reactor_;
    StreamEvents& events_;
    boost::asio::detail::epoll_reactor::per_descriptor_data registration_ = nullptr;
    int descriptor_ = -1;
    std::uint8_t pending_ = 0;
    bool may_use_ring_ = false;
    bool uses_ring_ = false;
    bool is_inherited_ = false;
    bool may_have_more_ = false;  ///< Something may lie unread for which no new event comes.
    bool is_cut_ = false;         ///< A write was told; the socket shows a mere end to reads since.
    std::unique_ptr<TlsChannel> tls_;
    Readiness readable_;
    Readiness writable_;
    Readiness turn_;  ///< Reports readable from the loop's queue, without an event.
};

}  // namespace kwikgate::gateway::net
