#pragma once

#include <liburing.h>
#include <cstdint>
#include <optional>

#include "gateway/net/ring.hpp"
#include "gateway/net/ring_stream.hpp"

/// Of `Ring` alone: what is behind it, and how a completion tells whose it is.
namespace kwikgate::gateway::net {

inline constexpr std::uint64_t kIgnored = 0;
inline constexpr std::uint64_t kReactor = 8;  // No stream lives there, nor at the next.
inline constexpr std::uint64_t kLongEnough = 16;
inline constexpr std::uint64_t kOperationMask = 7;
static_assert(alignof(RingStream) > kOperationMask, "the low bits of the address tell what it was");

inline std::uint64_t tag(RingStream& stream, Ring::Operation operation) {
    return reinterpret_cast<std::uintptr_t>(&stream) | static_cast<std::uint64_t>(operation);
}

struct Ring::State {
    State();  ///< **Errors**: throws std::system_error.
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { io_uring_queue_exit(&ring); }

    std::optional<ReceiveBuffers> buffers;
    io_uring ring{};
    int reactor = -1;
    bool is_enabled = false;
    bool watches_reactor = false;
    bool limits_wait = false;
    /// Ticks come more often. It is there so that a worker cannot stand still, whatever became of
    /// the watch.
    __kernel_timespec longest_wait{0, 100'000'000};
};

}  // namespace kwikgate::gateway::net
