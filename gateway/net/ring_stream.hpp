#pragma once

#include <sys/uio.h>
#include <cstdint>
#include <span>

#include "gateway/net/io_result.hpp"
#include "gateway/net/ring.hpp"

namespace kwikgate::gateway::net {

/// The part of a `Stream` that goes through a ring, with the stream's contract: what was received
/// is handed out by `read`, what `write` took is sent by the ring a little later.
///
/// Small messages, which is what an API has, cost no system call of their own, and the receive that
/// brings them stays armed. Where more comes than a receive buffer holds, or more is written than a
/// send block, plain calls into the caller's memory take over: one copy less for long bodies. Where
/// something comes while something lies unread the receive is stopped: beside those buffers of the
/// ring that it filled by then (some 64 KiB at most) all waits in the socket. A send that fails
/// after `write` took it shows at the next read or write, as it would have had the kernel buffered
/// it.
/// **Threads**: the worker's. **Owns** no memory while it idles.
class RingStream {
  public:
    RingStream(Ring& ring, StreamEvents& events) : ring_(ring), events_(events) {}
    RingStream(const RingStream&) = delete;
    RingStream& operator=(const RingStream&) = delete;
    ~RingStream();

    void open(int descriptor);
    IoResult read(std::span<char> buffer);
    IoResult write(std::span<iovec> buffers);
    IoStatus peek() const;
    void yield();
    void leave_unread() {
        may_read_now_ = !is_receiving_ && (may_read_now_ || !can_tell_at_once());
    }
    bool may_have_unread() const { return can_tell_at_once() || is_stopping_; }
    void wait_readable();
    void wait_writable();
    void shutdown_write();
    /// Lets go of the descriptor, which the caller closes then.
    void close();
    Ring& ring() const { return ring_; }
    bool is_released() const { return pending_ == 0 && descriptor_ < 0; }

    // For the ring.
    bool has_to_send() const { return block_ != nullptr && !is_sending_; }
    /// Sends what waits by a call of our own. True when nothing waits any more.
    bool try_to_flush();
    void start_operations();
    void received(const Ring::Receipt& receipt);
    void sent(int result);
    void became_writable();
    void tell_readable();

  private:
    void mark_dirty();
    void mark_ready();
    bool can_tell_at_once() const;
    void take_note(const Ring::Receipt& receipt);
    IoStatus peek_at_socket() const;
    void look_for_end();
    void fail_writes();
    void stop_repeating();
    /// One operation less in the kernel. False when the stream is closed: nothing more may be told.
    bool finish_operation();
    void give_back_block();
    IoStatus end() const { return is_cut_ ? IoStatus::failed : IoStatus::closed; }
    IoResult read_now(std::span<char> buffer);
    IoResult write_now(std::span<iovec> buffers);

    Ring& ring_;
    StreamEvents& events_;
    SendBlock* block_ = nullptr;
    int descriptor_ = -1;
    HeldBytes held_;
    std::uint8_t pending_ = 0;  ///< Operations in the kernel and a call of `tell_readable`.
    std::uint8_t small_in_a_row_ = 0;

    bool wants_readable_ : 1 = false;  ///< Tell when there is something to read.
    bool is_receiving_ : 1 = false;
    bool is_repeating_ : 1 = false;  ///< The receive in the kernel goes on when it has received.
    bool is_stopping_ : 1 = false;   ///< Such a receive is being cancelled.
    bool may_read_now_ : 1 = false;  ///< The socket holds more: read by a call of our own.
    bool has_ended_ : 1 = false;
    bool is_cut_ : 1 =
        false;  ///< As a write or a look was told; the socket shows a mere end since.
    bool read_failed_ : 1 = false;
    bool write_failed_ : 1 = false;
    bool wants_writable_ : 1 = false;
    bool is_sending_ : 1 = false;
    bool is_polling_ : 1 = false;
    bool shuts_down_after_send_ : 1 = false;
    bool is_dirty_ : 1 = false;
    bool is_ready_ : 1 = false;
};

}  // namespace kwikgate::gateway::net
