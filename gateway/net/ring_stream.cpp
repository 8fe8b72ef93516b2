#include "gateway/net/ring_stream.hpp"

namespace kwikgate::gateway::net {

RingStream::~RingStream() {
    if (is_dirty_) ring_.forget(*this);
    if (!is_sending_) give_back_block();
}

void RingStream::open(int descriptor) {
    descriptor_ = descriptor;
    ring_.count_entered();
    small_in_a_row_ = 0;
    wants_readable_ = may_read_now_ = has_ended_ = read_failed_ = false;
    wants_writable_ = shuts_down_after_send_ = write_failed_ = is_cut_ = false;
}

void RingStream::yield() {
    if (descriptor_ < 0) return;
    wants_readable_ = true;
    mark_ready();
}

bool RingStream::can_tell_at_once() const {
    return !held_.is_empty() || has_ended_ || read_failed_ || (may_read_now_ && !is_receiving_);
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

void RingStream::close() {
    if (descriptor_ < 0) return;
    try_to_flush();  // As if the kernel had taken it when it was written.
    if (!is_sending_) give_back_block();
    held_.drop(ring_.receive_buffers());
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

void RingStream::tell_readable() {
    is_ready_ = false;
    if (!finish_operation() || !wants_readable_) return;
    wants_readable_ = false;
    events_.on_readable();
}

bool RingStream::finish_operation() {
    --pending_;
    if (descriptor_ >= 0) return true;
    if (pending_ == 0) events_.on_released();
    return false;
}

}  // namespace kwikgate::gateway::net
