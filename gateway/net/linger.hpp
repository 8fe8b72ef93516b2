#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "gateway/net/deadline.hpp"

namespace kwikgate::gateway::net {

/// How long a connection that has had its last answer reads on. A client that is still sending its
/// body when it is refused reads the answer only afterwards. Its bytes are thrown away as they
/// come: they cost no memory, but they do cost time.
class Linger {
  public:
    static constexpr std::chrono::milliseconds kIdle{2'000};
    static constexpr std::chrono::milliseconds kWhole{10'000};
    static constexpr std::size_t kMostBytes = std::size_t{64} << 20;

    void begin(Clock::time_point now) {
        until_ = now + kWhole;
        bytes_ = 0;
    }
    /// When it is over, if nothing more comes.
    Clock::time_point end(Clock::time_point now) const { return std::min(until_, now + kIdle); }
    /// `bytes` more were thrown away. False: that is enough.
    bool goes_on_after(std::size_t bytes) {
        bytes_ += static_cast<std::uint32_t>(std::min(bytes, kMostBytes + 1));
        return bytes_ <= kMostBytes;
    }

  private:
    Clock::time_point until_{};
    std::uint32_t bytes_ = 0;
};

}  // namespace kwikgate::gateway::net
