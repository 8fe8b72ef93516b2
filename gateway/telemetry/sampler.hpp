#pragma once

#include <cstdint>

#include "gateway/config/config.hpp"

namespace kwikgate::gateway {

/// What a request's `traceparent` says of whether it is traced; `none` where it has no valid one.
enum class ParentTrace : std::uint8_t { none, sampled, not_sampled };

/// Decides which requests become spans. Only a trusted proxy's word counts, and only where the
/// configuration says so; for everybody else a random number of the gateway's own decides, and
/// nothing that the caller chose: neither its flag nor its trace id can make us export.
class Sampler {
  public:
    Sampler() = default;
    explicit Sampler(const TracingConfig& config)
        : is_on_(config.is_enabled()),
          follows_proxies_(config.follow_proxies),
          share_(config.sample_per_million) {}

    bool is_on() const { return is_on_; }
    bool takes(ParentTrace parent, bool is_proxied, std::uint64_t random) const {
        if (follows_proxies_ && is_proxied && parent != ParentTrace::none)
            return parent == ParentTrace::sampled;
        return random % 1'000'000 < share_;
    }

  private:
    bool is_on_ = false;
    bool follows_proxies_ = false;
    std::uint32_t share_ = 0;
};

}  // namespace kwikgate::gateway
