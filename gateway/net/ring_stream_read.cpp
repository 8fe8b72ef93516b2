#include <sys/socket.h>
#include <cerrno>

#include "gateway/net/ring_stream.hpp"

namespace kwikgate::gateway::net {
namespace {

/// Buffers held for a stream that nobody reads before its receive is stopped.
constexpr std::size_t kHeldWhileRepeating = 1;

}  // namespace

IoResult RingStream::read(std::span<char> buffer) {
    if (!held_.is_empty()) return {IoStatus::done, held_.take(ring_.receive_buffers(), buffer)};
    if (read_failed_) return {IoStatus::failed, 0};
    if (has_ended_) return {end(), 0};
    // Never beside a receive in the kernel: which of the two came first would not be known.
    if (is_receiving_) {
        if (is_repeating_) look_for_end();
        return {IoStatus::would_block, 0};
    }
    return may_read_now_ ? read_now(buffer) : IoResult{IoStatus::would_block, 0};
}

IoResult RingStream::read_now(std::span<char> buffer) {
    for (;;) {
        const ssize_t n = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (n > 0) {
            may_read_now_ = static_cast<std::size_t>(n) == buffer.size();
            return {IoStatus::done, static_cast<std::size_t>(n)};
        }
        if (n == 0) {
            has_ended_ = true;
            return {end(), 0};
        }
        if (errno == EINTR) continue;
        may_read_now_ = false;
        if (would_block(errno)) return {IoStatus::would_block, 0};
        read_failed_ = true;
        return {IoStatus::failed, 0};
    }
}

void RingStream::received(const Ring::Receipt& receipt) {
    is_receiving_ = receipt.goes_on;
    is_stopping_ = is_stopping_ && receipt.goes_on;
    if (receipt.has_buffer) {
        if (receipt.result > 0 && descriptor_ >= 0) {
            held_.add(ring_.receive_buffers(), receipt.buffer,
                      static_cast<std::size_t>(receipt.result));
        } else {
            ring_.receive_buffers().give_back(receipt.buffer);
        }
    }
    if (!receipt.goes_on && !finish_operation()) return;
    if (descriptor_ < 0) return;
    take_note(receipt);
    // A long body is read into its reader's memory; what nobody reads stays in the socket, and
    // holds up its sender.
    if (is_receiving_ && (receipt.has_more || held_.count() > kHeldWhileRepeating))
        stop_repeating();
    if (!wants_readable_) return;
    if (is_ready_ || (receipt.goes_on && receipt.has_more)) {
        mark_ready();  // Told with what was received right behind it.
    } else if (can_tell_at_once()) {
        wants_readable_ = false;
        events_.on_readable();
    } else if (!is_receiving_) {
        mark_dirty();
    }
}

void RingStream::take_note(const Ring::Receipt& receipt) {
    if (receipt.result > 0) {
        may_read_now_ = receipt.has_more && !receipt.goes_on;
        const bool was_all = !receipt.has_more && held_.count() == 1;
        if (!was_all) {
            small_in_a_row_ = 0;
        } else if (small_in_a_row_ < ring_.small_before_repeating()) {
            ++small_in_a_row_;
        }
    } else if (receipt.result == 0) {
        has_ended_ = true;
    } else if (receipt.result == -ENOBUFS || receipt.result == -ECANCELED) {
        // All buffers are in use, or it was stopped: read by a call of our own.
        may_read_now_ = true;
    } else if (receipt.result != -EINTR && !would_block(-receipt.result)) {
        read_failed_ = true;
    }
}

/// A repeating receive is made when something comes. An end or a failure that was already there
/// when the kernel took the bytes before it comes no more (seen with Linux 6.18).
void RingStream::look_for_end() {
    if (is_stopping_) return;
    const IoStatus status = peek_at_socket();
    if (status != IoStatus::closed && status != IoStatus::failed) return;
    is_cut_ = is_cut_ || status == IoStatus::failed;
    stop_repeating();
}

void RingStream::stop_repeating() {
    small_in_a_row_ = 0;
    if (is_stopping_) return;
    is_stopping_ = true;
    ring_.cancel(*this, Ring::Operation::receive);
}

IoStatus RingStream::peek() const {
    if (!held_.is_empty()) return IoStatus::done;
    if (read_failed_ || write_failed_) return IoStatus::failed;
    return has_ended_ ? end() : peek_at_socket();
}

IoStatus RingStream::peek_at_socket() const {
    char byte = 0;
    const ssize_t n = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0) return IoStatus::done;
    if (n == 0) return IoStatus::closed;
    return would_block(errno) || errno == EINTR ? IoStatus::would_block : IoStatus::failed;
}

}  // namespace kwikgate::gateway::net
