#include "gateway/net/receive_buffers.hpp"

#include <liburing.h>
#include <sys/mman.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace kwikgate::gateway::net {
namespace {

constexpr std::size_t kSharedBytes = ReceiveBuffers::kCount * sizeof(io_uring_buf);

[[noreturn]] void fail(int error) {
    throw std::system_error(error, std::generic_category(), "io_uring buffers");
}

}  // namespace

ReceiveBuffers::ReceiveBuffers(io_uring& ring) : memory_(new char[kCount * kBytes]) {
    void* shared =
        ::mmap(nullptr, kSharedBytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
    if (shared == MAP_FAILED) fail(errno);
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(shared);
    registration.ring_entries = kCount;
    registration.bgid = kGroup;
    if (const int code = io_uring_register_buf_ring(&ring, &registration, 0); code != 0) {
        ::munmap(shared, kSharedBytes);
        fail(-code);
    }
    shared_ = static_cast<io_uring_buf_ring*>(shared);
    for (unsigned i = 0; i < kCount; ++i) give_back(static_cast<std::uint16_t>(i));
}

ReceiveBuffers::~ReceiveBuffers() {
    ::munmap(shared_, kSharedBytes);
}

void ReceiveBuffers::give_back(std::uint16_t buffer) {
    io_uring_buf_ring_add(shared_, memory_.get() + buffer * kBytes, kBytes, buffer,
                          io_uring_buf_ring_mask(kCount), 0);
    io_uring_buf_ring_advance(shared_, 1);
}

void HeldBytes::add(ReceiveBuffers& pool, std::uint16_t buffer, std::size_t bytes) {
    pool.received_[buffer].size = static_cast<std::uint16_t>(bytes);
    (count_ == 0 ? first_ : pool.received_[last_].next) = buffer;
    last_ = buffer;
    ++count_;
}

std::size_t HeldBytes::take(ReceiveBuffers& pool, std::span<char> room) {
    std::size_t taken = 0;
    while (count_ != 0 && taken < room.size()) {
        const auto there = pool.bytes(first_).substr(begin_);
        const std::size_t size = std::min(there.size(), room.size() - taken);
        std::memcpy(room.data() + taken, there.data(), size);
        taken += size;
        begin_ = static_cast<std::uint16_t>(begin_ + size);
        if (size == there.size()) give_back_first(pool);
    }
    return taken;
}

void HeldBytes::drop(ReceiveBuffers& pool) {
    while (count_ != 0) give_back_first(pool);
}

void HeldBytes::give_back_first(ReceiveBuffers& pool) {
    const std::uint16_t buffer = first_;
    first_ = pool.received_[buffer].next;
    begin_ = 0;
    --count_;
    pool.give_back(buffer);
}

}  // namespace kwikgate::gateway::net
