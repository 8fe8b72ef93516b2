#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

struct io_uring;
struct io_uring_buf_ring;

namespace kwikgate::gateway::net {

/// The memory that the kernel receives into for the streams of one ring: it takes a buffer when
/// bytes come, and gets it back when they were read, so that an idle connection holds none.
/// **Threads**: the worker's. **Owns** 1 MiB, touched as far as it is used.
class ReceiveBuffers {
  public:
    static constexpr std::size_t kBytes = 2 * 1024;  ///< Of one.
    static constexpr unsigned kCount = 512;
    static constexpr std::uint16_t kGroup = 0;

    /// **Errors**: throws std::system_error.
    explicit ReceiveBuffers(io_uring& ring);
    ReceiveBuffers(const ReceiveBuffers&) = delete;
    ReceiveBuffers& operator=(const ReceiveBuffers&) = delete;
    /// After the end of the ring.
    ~ReceiveBuffers();

    void give_back(std::uint16_t buffer);

  private:
    friend class HeldBytes;
    /// How much of a buffer was filled, and the one that its stream received after it.
    struct Received {
        std::uint16_t size;
        std::uint16_t next;
    };
    std::string_view bytes(std::uint16_t buffer) const {
        return {memory_.get() + buffer * kBytes, received_[buffer].size};
    }

    std::array<Received, kCount> received_{};
    std::unique_ptr<char[]> memory_;
    io_uring_buf_ring* shared_ = nullptr;  ///< Those that the kernel may take.
};

/// The buffers that were filled for one stream and that it has not handed out yet, oldest first.
/// Empty it before it goes: the buffers are the pool's.
class HeldBytes {
  public:
    bool is_empty() const { return count_ == 0; }
    /// In buffers.
    std::size_t count() const { return count_; }
    void add(ReceiveBuffers& pool, std::uint16_t buffer, std::size_t bytes);
    /// Copies what fits into `room`; how much that was.
    std::size_t take(ReceiveBuffers& pool, std::span<char> room);
    void drop(ReceiveBuffers& pool);

  private:
    void give_back_first(ReceiveBuffers& pool);

    std::uint16_t first_ = 0;
    std::uint16_t last_ = 0;
    std::uint16_t begin_ = 0;  ///< How much of the first was handed out.
    std::uint16_t count_ = 0;
};

}  // namespace kwikgate::gateway::net
