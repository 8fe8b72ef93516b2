#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "gateway/config/config.hpp"
#include "gateway/pipeline/rate_limiter.hpp"

namespace kwikgate::gateway {

/// Failed authentications by client address (IPv4 whole, IPv6 by /64): a fixed table shared by all
/// workers, GCRA over failures. `check` first, `record_failure` after a failure. Idle entries are
/// reused; when a probe window is full of busy ones the least busy is taken over, so memory stays
/// bounded. Where nobody knows the address (a trusted proxy named none), failures are counted by
/// the API_KEY that was claimed: such clients must not lock each other out. Who claims none is not
/// counted, since there is nothing to guess.
/// **Threads**: any. **Cost**: a few loads, one compare-and-swap on a failure; no lock.
class AddressLimiter {
  public:
    explicit AddressLimiter(const AddressLimitConfig& config);
    ~AddressLimiter();
    RateVerdict check(const store::IpAddress& address, std::uint64_t now_ns) const;
    void record_failure(const store::IpAddress& address, std::uint64_t now_ns);
    RateVerdict check_key(std::string_view claimed_key, std::uint64_t now_ns) const;
    void record_key_failure(std::string_view claimed_key, std::uint64_t now_ns);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kwikgate::gateway
