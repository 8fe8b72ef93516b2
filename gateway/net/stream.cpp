#include "gateway/net/stream.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>

namespace kwikgate::gateway::net {

using boost::asio::detail::epoll_reactor;
using boost::asio::detail::reactor_op;
using boost::asio::detail::scheduler_operation;

Stream::Readiness::Readiness(Stream& owner, bool read)
    : reactor_op({}, &Readiness::perform, &Readiness::complete), stream(owner), is_read(read) {}

reactor_op::status Stream::Readiness::perform(reactor_op*) {
    // "Exhausted" clears the reactor's speculative flag, so the next start only queues.
    return done_and_exhausted;
}

void Stream::Readiness::complete(void* owner, scheduler_operation* operation,
                                 const boost::system::error_code&, std::size_t) {
    if (owner == nullptr) return;  // The io_context is going away: nothing may run any more.
    auto* self = static_cast<Readiness*>(operation);
    self->stream.completed(*self);
}

Stream::Stream(boost::asio::io_context& context, StreamEvents& events)
    : reactor_(boost::asio::use_service<epoll_reactor>(context)),
      events_(events),
      readable_(*this, true),
      writable_(*this, false),
      turn_(*this, true) {
    reactor_.init_task();
    if (Ring* ring = Ring::of(context)) ring_.emplace(*ring, events);
}

Stream::~Stream() {
    if (is_open()) release();
}

void Stream::release() {
    if (uses_ring_) {
        ring_->close();
    } else {
        // Closing a descriptor ends its events only where no other one names the same socket.
        deregister(!is_inherited_);
    }
    if (may_use_ring_) ring_->ring().count_closed();
    ::close(descriptor_);
    descriptor_ = -1;
}

void Stream::deregister(bool closes) {
    reactor_.deregister_descriptor(descriptor_, registration_, closes);
    reactor_.cleanup_descriptor_data(registration_);
}

/// Only with nothing queued in the reactor, which would tell of it once more.
bool Stream::should_enter_ring() const {
    return may_use_ring_ && !uses_ring_ && !is_cut_ && pending_ == 0 && ring_->ring().is_worth_it();
}

void Stream::enter_ring() {
    deregister(false);
    uses_ring_ = true;
    ring_->open(descriptor_);
}

bool Stream::open(int descriptor, Use use) {
    may_use_ring_ = use == Use::whole && ring_.has_value();
    uses_ring_ = may_use_ring_ && ring_->ring().is_worth_it();
    is_cut_ = false;
    if (uses_ring_) {
        descriptor_ = descriptor;
        ring_->ring().count_opened();
        ring_->open(descriptor);
        return true;
    }
    if (reactor_.register_descriptor(descriptor, registration_) != 0) {
        ::close(descriptor);
        return false;
    }
    descriptor_ = descriptor;
    if (may_use_ring_) ring_->ring().count_opened();
    is_inherited_ = use == Use::inherited;
    may_have_more_ = false;
    return true;
}

IoResult Stream::read(std::span<char> buffer) {
    if (uses_ring_) return ring_->read(buffer);
    if (tls_ == nullptr) return receive(buffer);
    const IoResult result = tls_->read(buffer);
    may_have_more_ = result.status == IoStatus::done && tls_->may_have_more();
    return result;
}

IoResult Stream::write(std::span<iovec> buffers) {
    if (uses_ring_) return ring_->write(buffers);
    return tls_ == nullptr ? send(buffers) : tls_->write(buffers);
}

IoResult Stream::receive(std::span<char> buffer) {
    for (;;) {
        const ssize_t n = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
        may_have_more_ = n > 0 && static_cast<std::size_t>(n) == buffer.size();
        if (n > 0) return {IoStatus::done, static_cast<std::size_t>(n)};
        if (n == 0) return {is_cut_ ? IoStatus::failed : IoStatus::closed, 0};
        if (errno == EINTR) continue;
        if (would_block(errno)) return {IoStatus::would_block, 0};
        return {IoStatus::failed, 0};
    }
}

IoResult Stream::send(std::span<iovec> buffers) {
    msghdr message{};
    message.msg_iov = buffers.data();
    message.msg_iovlen = buffers.size();
    for (;;) {
        const ssize_t n = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
        if (n >= 0) return {IoStatus::done, static_cast<std::size_t>(n)};
        if (errno == EINTR) continue;
        if (would_block(errno)) return {IoStatus::would_block, 0};
        is_cut_ = is_cut_ || is_cut(errno);
        return {IoStatus::failed, 0};
    }
}

IoStatus Stream::peek() {
    if (uses_ring_) return ring_->peek();
    if (tls_ != nullptr && tls_->is_established()) return tls_->peek();
    char byte = 0;
    const ssize_t n = ::recv(descriptor_, &byte, 1, MSG_PEEK);
    if (n > 0) return IoStatus::done;
    if (n == 0) return IoStatus::closed;
    return would_block(errno) || errno == EINTR ? IoStatus::would_block : IoStatus::failed;
}

void Stream::yield() {
    if (uses_ring_) return ring_->yield();
    if (turn_.is_armed || !is_open()) return;
    turn_.is_armed = true;
    turn_.ec_ = {};
    ++pending_;
    reactor_.post_immediate_completion(&turn_, false);
    if (ring_) ring_->ring().ask_asio();
}

void Stream::arm(Readiness& readiness, int operation_type) {
    if (readiness.is_armed || !is_open()) return;
    readiness.is_armed = true;
    readiness.ec_ = {};
    ++pending_;
    reactor_.start_op(operation_type, descriptor_, registration_, &readiness, false, true);
}

void Stream::wait_readable() {
    if (should_enter_ring()) enter_ring();
    if (uses_ring_) {
        ring_->wait_readable();
        return;
    }
    if (is_handshaking() && tls_->wants_write()) {
        arm(writable_, epoll_reactor::write_op);
        return;
    }
    if (may_have_more_) {
        may_have_more_ = false;
        yield();
        return;
    }
    arm(readable_, epoll_reactor::read_op);
}

void Stream::wait_writable() {
    if (uses_ring_) {
        ring_->wait_writable();
        return;
    }
    arm(writable_, epoll_reactor::write_op);
}

void Stream::completed(Readiness& readiness) {
    readiness.is_armed = false;
    --pending_;
    if (!is_open()) {
        if (pending_ == 0) events_.on_released();
        return;
    }
    // Before the handshake is done nobody writes: whoever waits, waits to read.
    if (readiness.is_read || is_handshaking()) {
        events_.on_readable();
    } else {
        events_.on_writable();
    }
}

void Stream::shutdown_write() {
    if (uses_ring_) {
        ring_->shutdown_write();
        return;
    }
    if (tls_ != nullptr) tls_->close_notify();
    ::shutdown(descriptor_, SHUT_WR);
}

void Stream::close() {
    if (!is_open()) return;
    if (tls_ != nullptr) tls_->close_notify();
    tls_.reset();
    if (!uses_ring_ && ring_) ring_->ring().ask_asio();  // Pending waits end there.
    release();
    if (is_released()) events_.on_released();
}

void Stream::abort() {
    if (!is_open()) return;
    tls_.reset();  // Without a close_notify: what was sent is not whole.
    const linger reset{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close();
}

}  // namespace kwikgate::gateway::net
