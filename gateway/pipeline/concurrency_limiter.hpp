#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "auth/token_table.hpp"
#include "store/types.hpp"

namespace kwikgate::gateway {

/// A place among the requests of one token that are under way. Comes back when it is released,
/// destroyed or replaced, so that no way out of a request can lose it.
class ConcurrencyPlace {
  public:
    ConcurrencyPlace() = default;
    ConcurrencyPlace(ConcurrencyPlace&& other) noexcept
        : count_(std::exchange(other.count_, nullptr)) {}
    ConcurrencyPlace& operator=(ConcurrencyPlace&& other) noexcept {
        std::swap(count_, other.count_);
        return *this;
    }
    ~ConcurrencyPlace() { release(); }
    void release() {
        if (count_ != nullptr) count_->fetch_sub(1, std::memory_order_relaxed);
        count_ = nullptr;
    }
    bool is_held() const { return count_ != nullptr; }

  private:
    friend class ConcurrencyLimiter;
    std::atomic<std::uint32_t>* count_ = nullptr;
};

/// How many requests of a token are under way at once, exact over all workers: one atomic count a
/// token that has a cap. Requests that began before the token got its cap are not counted.
/// **Threads**: any. **Cost**: one compare-and-swap, and only for tokens with a cap; no lock.
class ConcurrencyLimiter {
  public:
    /// False when `cap` requests of the token are under way already; 0 is no cap. Places must not
    /// outlive the limiter.
    bool take(store::TokenNumber token, std::uint32_t cap, ConcurrencyPlace& place);

  private:
    auth::TokenTable<std::uint32_t> counts_;
};

}  // namespace kwikgate::gateway
