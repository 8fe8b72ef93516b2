#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace kwikgate::gateway::net {

class BufferPool;

/// A block borrowed from a pool, with the bytes that are in it. Given back when it dies.
class Buffer {
  public:
    Buffer() = default;
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        if (this != &other) {
            release();
            swap(other);
        }
        return *this;
    }
    ~Buffer() { release(); }

    bool has_block() const { return block_ != nullptr; }
    std::string_view readable() const { return {block_.get() + begin_, end_ - begin_}; }
    bool empty() const { return begin_ == end_; }
    std::size_t capacity() const { return capacity_; }
    /// Room behind the bytes.
    std::span<char> writable() { return {block_.get() + end_, capacity_ - end_}; }
    void commit(std::size_t bytes) { end_ += bytes; }
    void consume(std::size_t bytes) {
        begin_ += bytes;
        if (begin_ == end_) begin_ = end_ = 0;
    }
    /// Moves the bytes to the front, so that the room is in one piece. Ends all views.
    void compact();
    void append(std::string_view bytes);
    void release();

  private:
    friend class BufferPool;
    void swap(Buffer& other) noexcept {
        std::swap(pool_, other.pool_);
        std::swap(block_, other.block_);
        std::swap(capacity_, other.capacity_);
        std::swap(begin_, other.begin_);
        std::swap(end_, other.end_);
    }
    BufferPool* pool_ = nullptr;
    std::unique_ptr<char[]> block_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// Blocks of one size, the last returned is the first lent, so that a busy worker stays in warm
/// memory. Keeps at most `max_kept` when idle. **Threads**: the worker's. Outlives its buffers.
class BufferPool {
  public:
    BufferPool(std::size_t block_bytes, std::size_t max_kept);
    std::size_t block_bytes() const { return block_bytes_; }
    Buffer take();

  private:
    friend class Buffer;
    void give_back(std::unique_ptr<char[]> block);
    std::size_t block_bytes_;
    std::size_t max_kept_;
    std::vector<std::unique_ptr<char[]>> kept_;
};

}  // namespace kwikgate::gateway::net
