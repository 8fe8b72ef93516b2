#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <algorithm>

#include "gateway/net/worker.hpp"
#include "gateway/proxy/exchange.hpp"

// How long the client is waited for: a pause has a bound, and so has a rate that is too low.
namespace kwikgate::gateway {
namespace {

/// What the client's system has not acknowledged yet.
std::uint64_t unacknowledged(int descriptor) {
    int bytes = 0;
    const bool is_known = ::ioctl(descriptor, SIOCOUTQ, &bytes) == 0 && bytes > 0;
    return is_known ? static_cast<std::uint64_t>(bytes) : 0;
}

}  // namespace

void Exchange::await_body() {
    const auto now = worker_.deadlines().now();
    auto until = std::min(give_up_at_, now + config().timeouts.body_idle);
    if (state_ == State::relaying) {
        sender_pace_.rest(now);
        sender_pace_.note_moved(request_relay_.body_bytes());
        until = std::min(until, sender_pace_.wait(now));
    }
    downstream_->set_deadline_at(until);
}

/// The client takes no more: it alone is waited for, whatever stands still because of that.
void Exchange::await_room() {
    upstream_->clear_deadline();
    const auto now = worker_.deadlines().now();
    room_until_ = std::min(give_up_at_, now + config().timeouts.write_idle);
    reader_until_ = reader_pace_.wait(now);
    downstream_->set_deadline_at(std::min(room_until_, reader_until_));
}

/// The deadline that came is that of a reader's rate, and no other.
bool Exchange::is_reader_due() const {
    const auto now = worker_.deadlines().now();
    return state_ == State::relaying && is_response_blocked_ && now < room_until_ &&
           now >= reader_until_;
}

/// The room in the socket's buffer is told in large steps only: a client that reads slowly but well
/// enough is known by what its system acknowledged. Asked for when its time is used up.
bool Exchange::reader_keeps_pace() {
    const auto now = worker_.deadlines().now();
    const std::uint64_t written = response_relay_.wire_bytes();
    const std::uint64_t waits = unacknowledged(downstream_->stream().descriptor());
    reader_pace_.rest(now);
    reader_pace_.note_moved(written - std::min(written, waits));
    if (reader_pace_.is_too_slow()) return false;
    reader_until_ = reader_pace_.wait(now);
    downstream_->set_deadline_at(std::min(room_until_, reader_until_));
    return true;
}

}  // namespace kwikgate::gateway
