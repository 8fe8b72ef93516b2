#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "store/types.hpp"

namespace kwikgate::gateway {

/// What a rate-limit check found, with what the RateLimit fields of the answer say.
struct RateVerdict {
    bool allowed = true;
    std::uint32_t remaining = 0;  ///< Requests that would pass at once now.
    std::uint32_t retry_after_seconds =
        0;  ///< When refused: until the next one passes, rounded up.
};

/// Per-token request rate by GCRA, exact over all workers: one atomic theoretical arrival time a
/// token, indexed by its dense number, in chunks made on first use. **Threads**: any. **Cost**: one
/// compare-and-swap; no lock; allocates only when a chunk of 4,096 tokens is first touched.
class RateLimiter {
  public:
    RateLimiter();
    RateLimiter(const RateLimiter&) = delete;
    RateLimiter& operator=(const RateLimiter&) = delete;
    ~RateLimiter();

    /// `now_ns` is a monotonic clock's nanoseconds.
    RateVerdict take(store::TokenNumber token, store::RateLimit limit, std::uint64_t now_ns);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::gateway
