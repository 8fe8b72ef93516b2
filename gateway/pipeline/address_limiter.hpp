#pragma once

#include <cstdint>
#include <memory>

#include "gateway/config/config.hpp"
#include "gateway/pipeline/rate_limiter.hpp"

namespace kwikgate::gateway {

/// Failed authentications by client address (IPv4 whole, IPv6 by /64): a fixed table shared by all
/// workers, GCRA over failures. `check` first, `record_failure` after a failure. Idle entries are
/// reused; when a probe window is full of busy ones the least busy is taken over, so memory stays
/// bounded.
/// **Threads**: any. **Cost**: a few loads, one compare-and-swap on a failure; no lock.
class AddressLimiter {
  public:
    explicit AddressLimiter(const AddressLimitConfig& config);
    ~AddressLimiter();
    RateVerdict check(const store::IpAddress& address, std::uint64_t now_ns) const;
    void record_failure(const store::IpAddress& address, std::uint64_t now_ns);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::gateway
