#include "gateway/net/ring_stream.hpp"

#include <sys/socket.h>
#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kwikgate::gateway::net {
namespace {

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
    wants_readable_ = may_read_now_ = has_ended_ = read_failed_ = false;
    wants_writable_ = shuts_down_after_send_ = write_failed_ = false;
}

IoResult RingStream::read(std::span<char> buffer) {
    if (held_begin_ != held_end_) {
        const auto there = ring_.received_bytes(held_buffer_, held_end_).substr(held_begin_);
        const std::size_t taken = std::min(there.size(), buffer.size());
        std::memcpy(buffer.data(), there.data(), taken);
        held_begin_ = static_cast<std::uint16_t>(held_begin_ + taken);
        if (held_begin_ == held_end_) ring_.give_back_received(held_buffer_);
        return {IoStatus::done, taken};
    }
    if (read_failed_) return {IoStatus::failed, 0};
    if (has_ended_) return {IoStatus::closed, 0};
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
        if (result.status != IoStatus::done) write_failed_ = true;
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
    if (held_begin_ != held_end_) return IoStatus::done;
    if (read_failed_ || write_failed_) return IoStatus::failed;
    if (has_ended_) return IoStatus::closed;
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
    return held_begin_ != held_end_ || has_ended_ || read_failed_ || may_read_now_;
}

void RingStream::wait_readable() {
    if (descriptor_ < 0 || wants_readable_) return;
    wants_readable_ = true;
    if (can_tell_at_once()) {
        mark_ready();
    } else {
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
    if (held_begin_ != held_end_) ring_.give_back_received(held_buffer_);
    held_begin_ = held_end_ = 0;
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
        ring_.start_receive(*this, descriptor_);
    }
}

void RingStream::received(int result, bool has_buffer, std::uint16_t buffer, bool has_more) {
    is_receiving_ = false;
    if (descriptor_ < 0 || result <= 0) {
        if (has_buffer) ring_.give_back_received(buffer);
    }
    if (result > 0 && descriptor_ >= 0) {
        held_buffer_ = buffer;
        held_begin_ = 0;
        held_end_ = static_cast<std::uint16_t>(result);
        may_read_now_ = has_more;
    } else if (result == 0) {
        has_ended_ = true;
    } else if (result == -ENOBUFS) {
        may_read_now_ = true;  // All buffers are in use: read by a call of our own.
    } else if (result != -ECANCELED && result != -EINTR && !would_block(-result)) {
        read_failed_ = true;
    }
    if (!finish_operation() || !wants_readable_) return;
    if (!can_tell_at_once()) {
        mark_dirty();
        return;
    }
    wants_readable_ = false;
    events_.on_readable();
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
        write_failed_ = true;
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
