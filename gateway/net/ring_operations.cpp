// What a ring hands to the kernel.
#include <poll.h>

#include "gateway/net/ring_state.hpp"

namespace kwikgate::gateway::net {
namespace {

/// A place in the queue; hands the queue over first when it is full.
io_uring_sqe& next_entry(io_uring& ring) {
    for (;;) {
        if (io_uring_sqe* entry = io_uring_get_sqe(&ring)) return *entry;
        io_uring_submit(&ring);
    }
}

}  // namespace

void Ring::start_receive(RingStream& stream, int descriptor, bool repeats) {
    io_uring_sqe& entry = next_entry(state_->ring);
    if (repeats) {
        io_uring_prep_recv_multishot(&entry, descriptor, nullptr, 0, 0);
    } else {
        io_uring_prep_recv(&entry, descriptor, nullptr, ReceiveBuffers::kBytes, 0);
    }
    entry.flags |= IOSQE_BUFFER_SELECT;
    entry.buf_group = ReceiveBuffers::kGroup;
    // Nothing has come yet, mostly: waiting first saves a receive that finds nothing.
    entry.ioprio |= IORING_RECVSEND_POLL_FIRST;
    io_uring_sqe_set_data64(&entry, tag(stream, Operation::receive));
    ++in_flight_;
}

void Ring::start_send(RingStream& stream, int descriptor, const SendBlock& block) {
    io_uring_sqe& entry = next_entry(state_->ring);
    io_uring_prep_send(&entry, descriptor, block.bytes + block.sent, block.size - block.sent,
                       MSG_NOSIGNAL);
    io_uring_sqe_set_data64(&entry, tag(stream, Operation::send));
    ++in_flight_;
}

void Ring::start_poll_out(RingStream& stream, int descriptor) {
    io_uring_sqe& entry = next_entry(state_->ring);
    io_uring_prep_poll_add(&entry, descriptor, POLLOUT);
    io_uring_sqe_set_data64(&entry, tag(stream, Operation::poll_out));
    ++in_flight_;
}

void Ring::cancel(RingStream& stream, Operation operation) {
    io_uring_sqe& entry = next_entry(state_->ring);
    io_uring_prep_cancel64(&entry, tag(stream, operation), 0);
    io_uring_sqe_set_data64(&entry, kIgnored);
    ++in_flight_;
}

void Ring::watch(int descriptor) {
    io_uring_sqe& entry = next_entry(state_->ring);
    io_uring_prep_poll_multishot(&entry, descriptor, POLLIN);
    io_uring_sqe_set_data64(&entry, kReactor);
    state_->watches_reactor = true;
}

void Ring::unwatch() {
    io_uring_sqe& entry = next_entry(state_->ring);
    io_uring_prep_poll_remove(&entry, kReactor);
    io_uring_sqe_set_data64(&entry, kIgnored);
    ++in_flight_;
}

/// By an operation of its own: a limit given with each wait would program the machine's timer for
/// each of them.
void Ring::limit_wait() {
    io_uring_sqe& entry = next_entry(state_->ring);
    io_uring_prep_timeout(&entry, &state_->longest_wait, 0, 0);
    io_uring_sqe_set_data64(&entry, kLongEnough);
    state_->limits_wait = true;
}

}  // namespace kwikgate::gateway::net
