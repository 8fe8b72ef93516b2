#include <sys/socket.h>
#include <cerrno>
#include <cstring>

#include "gateway/net/ring_stream.hpp"

namespace kwikgate::gateway::net {

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

IoResult RingStream::write_now(std::span<iovec> buffers) {
    msghdr message{};
    message.msg_iov = buffers.data();
    message.msg_iovlen = buffers.size();
    for (;;) {
        const ssize_t n = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) return {IoStatus::done, static_cast<std::size_t>(n)};
        if (errno == EINTR) continue;
        if (would_block(errno)) return {IoStatus::would_block, 0};
        is_cut_ = is_cut_ || is_cut(errno);
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

void RingStream::sent(int result) {
    is_sending_ = false;
    if (result > 0) {
        block_->sent += static_cast<std::size_t>(result);
    } else if (result != -EINTR && !would_block(-result)) {
        is_cut_ = is_cut_ || is_cut(-result);
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

void RingStream::fail_writes() {
    write_failed_ = true;
    if (is_receiving_ && is_repeating_)
        stop_repeating();  // The failure may have been told here alone.
}

void RingStream::shutdown_write() {
    if (try_to_flush() || write_failed_) {
        ::shutdown(descriptor_, SHUT_WR);
    } else {
        shuts_down_after_send_ = true;
    }
}

}  // namespace kwikgate::gateway::net
