#include "gateway/net/ring_stream.hpp"

#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kwikgate::gateway::net {
namespace {

/// Buffers held for a stream that nobody reads before its receive is stopped.
constexpr std::uint16_t kHeldWhileRepeating = 1;

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

RingStream::~RingStream() {
    if (is_dirty_) ring_.forget(*this);
    if (!is_sending_) give_back_block();
}

void RingStream::open(int descriptor) {
    descriptor_ = descriptor;
    ring_.count_entered();
    small_in_a_row_ = 0;
    wants_readable_ = may_read_now_ = has_ended_ = read_failed_ = false;
    wants_writable_ = shuts_down_after_send_ = write_failed_ = fails_when_stopped_ = false;
}

IoResult RingStream::read(std::span<char> buffer) {
    if (held_count_ != 0) return read_held(buffer);
    if (read_failed_) return {IoStatus::failed, 0};
    if (has_ended_) return {IoStatus::closed, 0};
    // Never beside a receive in the kernel: which of the two came first would not be known.
    if (is_receiving_) {
        if (is_repeating_) look_for_end();
        return {IoStatus::would_block, 0};
    }
    return may_read_now_ ? read_now(buffer) : IoResult{IoStatus::would_block, 0};
}

IoResult RingStream::read_held(std::span<char> buffer) {
    std::size_t taken = 0;
    while (held_count_ != 0 && taken < buffer.size()) {
        const auto there = ring_.received_bytes(held_first_).substr(held_begin_);
        const std::size_t size = std::min(there.size(), buffer.size() - taken);
        std::memcpy(buffer.data() + taken, there.data(), size);
        taken += size;
        held_begin_ = static_cast<std::uint16_t>(held_begin_ + size);
        if (size == there.size()) give_back_first_held();
    }
    return {IoStatus::done, taken};
}

void RingStream::hold(std::uint16_t buffer, int bytes) {
    ring_.received(buffer).size = static_cast<std::uint16_t>(bytes);
    (held_count_ == 0 ? held_first_ : ring_.received(held_last_).next) = buffer;
    held_last_ = buffer;
    ++held_count_;
}

void RingStream::give_back_first_held() {
    const std::uint16_t buffer = held_first_;
    held_first_ = ring_.received(buffer).next;
    held_begin_ = 0;
    --held_count_;
    ring_.give_back_received(buffer);
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
            return {IoStatus::closed, 0};
        }
        if (errno == EINTR) continue;
        may_read_now_ = false;
        if (would_block(errno)) return {IoStatus::would_block, 0};
        read_failed_ = true;
        return {IoStatus::failed, 0};
    }
}

IoResult RingStream::write(std::span<iovec> buffers) {
    if (write_failed_) return {IoStatus::failed, 0};
    if (is_sending_) return {IoStatus::would_block, 0};
    std::size_t size = 0;
    for (const iovec& piece : buffers) size += piece.iov_len;
    const std::size_t before = block_ != nullptr ? block_->size : 0;
    if (size > SendBlock::kBytes - before) {
        // What waits goes first; then the caller's memory goes out without a copy.
        if (block_ != nullptr && !try_to_flush()) return {IoStatus::would_block, 0};
        return write_failed_ ? IoResult{IoStatus::failed, 0} : write_now(buffers);
    }
    if (block_ == nullptr) block_ = &ring_.take_block();
    for (const iovec& piece : buffers) {
        std::memcpy(block_->bytes + block_->size, piece.iov_base, piece.iov_len);
        block_->size += piece.iov_len;
    }
    mark_dirty();
    return {IoStatus::done, size};
}

IoResult RingStream::write_now(std::span<iovec> buffers) const {
    msghdr message{};
    message.msg_iov = buffers.data();
    message.msg_iovlen = buffers.size();
    for (;;) {
        const ssize_t n = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) return {IoStatus::done, static_cast<std::size_t>(n)};
        if (errno == EINTR) continue;
        if (would_block(errno)) return {IoStatus::would_block, 0};
        return {IoStatus::failed, 0};
    }
}

bool RingStream::try_to_flush() {
    while (block_ != nullptr && !is_sending_) {
        iovec rest{block_->bytes + block_->sent, block_->size - block_->sent};
        const IoResult result = write_now({&rest, 1});
        if (result.status == IoStatus::would_block) return false;
        if (result.status != IoStatus::done) fail_writes();
        block_->sent += result.bytes;
        if (write_failed_ || block_->sent == block_->size) give_back_block();
    }
    return block_ == nullptr;
}

void RingStream::give_back_block() {
    if (block_ != nullptr) ring_.give_back(*block_);
    block_ = nullptr;
}

IoStatus RingStream::peek() const {
    if (held_count_ != 0) return IoStatus::done;
    if (read_failed_ || write_failed_) return IoStatus::failed;
    return has_ended_ ? IoStatus::closed : peek_at_socket();
}

IoStatus RingStream::peek_at_socket() const {
    char byte = 0;
    const ssize_t n = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (n > 0) return IoStatus::done;
    if (n == 0) return IoStatus::closed;
    return would_block(errno) || errno == EINTR ? IoStatus::would_block : IoStatus::failed;
}

void RingStream::yield() {
    if (descriptor_ < 0) return;
    wants_readable_ = true;
    mark_ready();
}

bool RingStream::can_tell_at_once() const {
    return held_count_ != 0 || has_ended_ || read_failed_ || (may_read_now_ && !is_receiving_);
}

void RingStream::wait_readable() {
    if (descriptor_ < 0 || wants_readable_) return;
    wants_readable_ = true;
    if (can_tell_at_once()) {
        mark_ready();
    } else if (!is_receiving_) {
        mark_dirty();
    }
}

void RingStream::wait_writable() {
    if (descriptor_ < 0) return;
    wants_writable_ = true;
    mark_dirty();
}

void RingStream::shutdown_write() {
    if (try_to_flush() || write_failed_) {
        ::shutdown(descriptor_, SHUT_WR);
    } else {
        shuts_down_after_send_ = true;
    }
}

void RingStream::close() {
    if (descriptor_ < 0) return;
    try_to_flush();  // As if the kernel had taken it when it was written.
    if (!is_sending_) give_back_block();
    while (held_count_ != 0) give_back_first_held();
    if (is_receiving_) ring_.cancel(*this, Ring::Operation::receive);
    if (is_sending_) ring_.cancel(*this, Ring::Operation::send);
    if (is_polling_) ring_.cancel(*this, Ring::Operation::poll_out);
    wants_readable_ = wants_writable_ = false;
    descriptor_ = -1;
    ring_.count_left();
}

void RingStream::mark_dirty() {
    if (is_dirty_) return;
    is_dirty_ = true;
    ring_.mark_dirty(*this);
}

void RingStream::mark_ready() {
    if (is_ready_) return;
    is_ready_ = true;
    ++pending_;
    ring_.mark_ready(*this);
}

void RingStream::start_operations() {
    is_dirty_ = false;
    if (descriptor_ < 0) return;
    if (block_ != nullptr && !is_sending_) {
        is_sending_ = true;
        ++pending_;
        ring_.start_send(*this, descriptor_, *block_);
    }
    if (wants_writable_ && !is_sending_ && !is_polling_) {
        is_polling_ = true;
        ++pending_;
        ring_.start_poll_out(*this, descriptor_);
    }
    if (wants_readable_ && !is_receiving_ && !is_ready_) {
        is_receiving_ = true;
        ++pending_;
        is_repeating_ = small_in_a_row_ >= ring_.small_before_repeating();
        ring_.start_receive(*this, descriptor_, is_repeating_);
    }
}

void RingStream::received(const Ring::Receipt& receipt) {
    is_receiving_ = receipt.goes_on;
    is_stopping_ = is_stopping_ && receipt.goes_on;
    if (receipt.has_buffer) {
        if (receipt.result > 0 && descriptor_ >= 0) {
            hold(receipt.buffer, receipt.result);
        } else {
            ring_.give_back_received(receipt.buffer);
        }
    }
    if (!receipt.goes_on && !finish_operation()) return;
    if (descriptor_ < 0) return;
    take_note(receipt);
    // A long body is read into its reader's memory; what nobody reads stays in the socket, and
    // holds up its sender.
    if (is_receiving_ && (receipt.has_more || held_count_ > kHeldWhileRepeating)) stop_repeating();
    if (!wants_readable_) return;
    if (can_tell_at_once()) {
        wants_readable_ = false;
        events_.on_readable();
    } else if (!is_receiving_) {
        mark_dirty();
    }
}

void RingStream::take_note(const Ring::Receipt& receipt) {
    if (receipt.result > 0) {
        may_read_now_ = receipt.has_more && !receipt.goes_on;
        const bool was_all = !receipt.has_more && held_count_ == 1;
        if (!was_all) {
            small_in_a_row_ = 0;
        } else if (small_in_a_row_ < ring_.small_before_repeating()) {
            ++small_in_a_row_;
        }
    } else if (receipt.result == 0) {
        has_ended_ = true;
    } else if (receipt.result == -ENOBUFS || receipt.result == -ECANCELED) {
        // All buffers are in use, or it was stopped: read by a call of our own.
        may_read_now_ = !fails_when_stopped_;
        read_failed_ = fails_when_stopped_;
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
    fails_when_stopped_ = status == IoStatus::failed;  // The socket tells that only once.
    stop_repeating();
}

void RingStream::fail_writes() {
    write_failed_ = true;
    if (is_receiving_ && is_repeating_)
        stop_repeating();  // The failure may have been told here alone.
}

void RingStream::stop_repeating() {
    small_in_a_row_ = 0;
    if (is_stopping_) return;
    is_stopping_ = true;
    ring_.cancel(*this, Ring::Operation::receive);
}

void RingStream::tell_readable() {
    is_ready_ = false;
    if (!finish_operation() || !wants_readable_) return;
    wants_readable_ = false;
    events_.on_readable();
}

void RingStream::sent(int result) {
    is_sending_ = false;
    if (result > 0) {
        block_->sent += static_cast<std::size_t>(result);
    } else if (result != -EINTR && !would_block(-result)) {
        fail_writes();
    }
    const bool is_done = write_failed_ || block_->sent == block_->size;
    if (is_done || descriptor_ < 0) {
        give_back_block();
    } else {
        mark_dirty();
    }
    if (is_done && shuts_down_after_send_ && descriptor_ >= 0) {
        shuts_down_after_send_ = false;
        ::shutdown(descriptor_, SHUT_WR);
    }
    if (!finish_operation() || !is_done || !wants_writable_) return;
    wants_writable_ = false;
    events_.on_writable();
}

void RingStream::became_writable() {
    is_polling_ = false;
    if (!finish_operation() || !wants_writable_) return;
    wants_writable_ = false;
    events_.on_writable();
}

bool RingStream::finish_operation() {
    --pending_;
    if (descriptor_ >= 0) return true;
    if (pending_ == 0) events_.on_released();
    return false;
}

}  // namespace kwikgate::gateway::net
