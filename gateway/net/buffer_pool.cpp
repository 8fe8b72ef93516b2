#include "gateway/net/buffer_pool.hpp"

#include <cassert>
#include <cstring>

namespace kwikgate::gateway::net {

void Buffer::compact() {
    if (begin_ == 0) return;
    std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
}

void Buffer::append(std::string_view bytes) {
    assert(bytes.size() <= capacity_ - end_);
    if (bytes.empty()) return;
    std::memcpy(block_.get() + end_, bytes.data(), bytes.size());
    end_ += bytes.size();
}

void Buffer::release() {
    if (block_ != nullptr) pool_->give_back(std::move(block_));
    pool_ = nullptr;
    capacity_ = begin_ = end_ = 0;
}

BufferPool::BufferPool(std::size_t block_bytes, std::size_t max_kept)
    : block_bytes_(block_bytes), max_kept_(max_kept) {
    kept_.reserve(max_kept);
}

Buffer BufferPool::take() {
    Buffer buffer;
    buffer.pool_ = this;
    buffer.capacity_ = block_bytes_;
    if (kept_.empty()) {
        // Not zeroed: the pages are touched only as far as they are used.
        buffer.block_.reset(new char[block_bytes_]);
    } else {
        buffer.block_ = std::move(kept_.back());
        kept_.pop_back();
    }
    return buffer;
}

void BufferPool::give_back(std::unique_ptr<char[]> block) {
    if (kept_.size() < max_kept_) kept_.push_back(std::move(block));
}

}  // namespace kwikgate::gateway::net
