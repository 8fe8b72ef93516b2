#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace kwikgate::gateway::net {

enum class IoStatus : std::uint8_t { done, would_block, closed, failed };

/// Whoever a stream tells that it can go on. Called from the worker's event loop only.
class StreamEvents {
  public:
    virtual void on_readable() = 0;
    virtual void on_writable() = 0;
    /// After `close`, when the loop holds no operation of the stream any more: it may be destroyed.
    virtual void on_released() = 0;

  protected:
    ~StreamEvents() = default;
};

/// Of a call that does not wait: it would have to.
inline bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

/// The connection was cut: reset, or timed out. A peer that had ended its side before it reset the
/// rest shows as EPIPE, and what it said is whole.
inline bool is_cut(int error) {
    return error != EPIPE;
}

/// What came of a read or a write that does not wait.
struct IoResult {
    IoStatus status = IoStatus::done;
    std::size_t bytes = 0;
};

}  // namespace kwikgate::gateway::net
