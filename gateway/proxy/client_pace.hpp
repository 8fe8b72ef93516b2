#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace kwikgate::gateway::proxy {

/// Whether a client keeps a minimum rate while it alone is waited for, in one direction. It begins
/// with some seconds of waiting; waiting uses them up, bytes that move earn new ones, up to a
/// bound. A number, no timer: whoever waits asks how long, and sets the deadline that it sets
/// anyway. **Threads**: the worker's.
class ClientPace {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::nanoseconds;

    /// `bytes_per_second` 0: any rate will do. `most` bounds what can be earned.
    void start(std::size_t bytes_per_second, Duration grace, Duration most) {
        bytes_per_second_ = bytes_per_second;
        credit_ = grace;
        most_ = std::max(grace, most);
        moved_ = 0;
        is_waiting_ = false;
    }
    /// The client is waited for from now on. Returns until when it may be.
    Time wait(Time now) {
        rest(now);
        if (bytes_per_second_ == 0) return Time::max();
        is_waiting_ = true;
        since_ = now;
        return now + std::max(credit_, Duration::zero());
    }
    /// It is not the client who is waited for.
    void rest(Time now) {
        if (is_waiting_) credit_ -= std::max(now - since_, Duration::zero());
        is_waiting_ = false;
    }
    /// How many bytes moved since the start; less than was told before counts as nothing new.
    void note_moved(std::uint64_t moved) {
        if (moved <= moved_ || bytes_per_second_ == 0) return;
        const std::uint64_t bytes = std::min<std::uint64_t>(moved - moved_, kMostBytes);
        moved_ = moved;
        const Duration earned{static_cast<std::int64_t>(bytes * kSecond / bytes_per_second_)};
        credit_ = std::min(most_, credit_ + earned);
    }
    /// Whether the time is used up, as of the last `rest` or `wait`.
    bool is_too_slow() const { return bytes_per_second_ != 0 && credit_ <= Duration::zero(); }

  private:
    static constexpr std::uint64_t kSecond = 1'000'000'000;
    static constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 33U;  ///< No overflow below.

    std::size_t bytes_per_second_ = 0;
    Duration credit_{};
    Duration most_{};
    std::uint64_t moved_ = 0;
    Time since_{};
    bool is_waiting_ = false;
};

}  // namespace kwikgate::gateway::proxy
