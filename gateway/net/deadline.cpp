#include "gateway/net/deadline.hpp"

#include <algorithm>

namespace kwikgate::gateway::net {

void Deadline::set(std::chrono::milliseconds after) {
    set_at(wheel_.now() + after);
}

void Deadline::set_at(Clock::time_point at) {
    at_ = at;
    const std::uint64_t tick = wheel_.tick_of(at);
    // Later than filed: the wheel finds that out when it comes by, so a busy connection relinks
    // once a period and not once a request.
    if (link_ != nullptr && slot_tick_ <= tick) return;
    unlink();
    wheel_.link(*this, tick);
}

void Deadline::unlink() {
    if (link_ == nullptr) return;
    *link_ = next_;
    if (next_ != nullptr) next_->link_ = link_;
    next_ = nullptr;
    link_ = nullptr;
}

std::uint64_t DeadlineWheel::tick_of(Clock::time_point at) const {
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(at - origin_);
    const auto tick = static_cast<std::uint64_t>(std::max<std::int64_t>(0, since / kTick)) + 1;
    // Beyond one turn it is filed at the far end and filed again from there.
    return std::clamp(tick, tick_ + 1, tick_ + kSlots - 1);
}

void DeadlineWheel::link(Deadline& deadline, std::uint64_t tick) {
    Deadline*& head = slots_[tick % kSlots];
    deadline.slot_tick_ = tick;
    deadline.next_ = head;
    deadline.link_ = &head;
    if (head != nullptr) head->link_ = &deadline.next_;
    head = &deadline;
}

void DeadlineWheel::advance(Clock::time_point now) {
    now_ = now;
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - origin_);
    const auto target = static_cast<std::uint64_t>(since / kTick);
    while (tick_ < target) {
        ++tick_;
        // Taken one by one: a callback may unlink or destroy any other deadline of the slot.
        while (Deadline* deadline = slots_[tick_ % kSlots]) {
            deadline->unlink();
            if (deadline->at_ == Clock::time_point::max()) continue;
            if (deadline->at_ > now) {
                link(*deadline, tick_of(deadline->at_));
                continue;
            }
            deadline->clear();
            deadline->on_deadline();
        }
    }
}

}  // namespace kwikgate::gateway::net
