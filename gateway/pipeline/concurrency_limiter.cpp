#include "gateway/pipeline/concurrency_limiter.hpp"

namespace kwikgate::gateway {

bool ConcurrencyLimiter::take(store::TokenNumber token, std::uint32_t cap,
                              ConcurrencyPlace& place) {
    place.release();
    if (cap == 0) return true;
    std::atomic<std::uint32_t>& count = counts_[token];
    std::uint32_t present = count.load(std::memory_order_relaxed);
    do {
        if (present >= cap) return false;
    } while (!count.compare_exchange_weak(present, present + 1, std::memory_order_relaxed));
    place.count_ = &count;
    return true;
}

}  // namespace kwikgate::gateway
