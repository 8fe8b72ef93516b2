#include "gateway/pipeline/rate_limiter.hpp"

#include <algorithm>

#include "auth/token_table.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::uint32_t clamp_u32(std::uint64_t value) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, 0xffffffffU));
}

std::uint32_t seconds_rounded_up(std::uint64_t ns) {
    return std::max<std::uint32_t>(1, clamp_u32((ns + kSecond - 1) / kSecond));
}

}  // namespace

struct RateLimiter::State {
    auth::TokenTable<std::uint64_t> arrivals;
};

RateLimiter::RateLimiter() : state_(std::make_unique<State>()) {}
RateLimiter::~RateLimiter() = default;

RateVerdict RateLimiter::take(store::TokenNumber token, store::RateLimit limit,
                              std::uint64_t now_ns) {
    if (limit.requests_per_second == 0) return {false, 0, 1};
    // Rounded up, so that a rate that does not divide a second is never exceeded.
    const std::uint64_t interval =
        (kSecond + limit.requests_per_second - 1) / limit.requests_per_second;
    const std::uint64_t window = interval * std::max<std::uint64_t>(limit.burst, 1);
    std::atomic<std::uint64_t>& arrival = state_->arrivals[token];

    // Relaxed is enough: the word itself is all the state there is.
    std::uint64_t stored = arrival.load(std::memory_order_relaxed);
    for (;;) {
        // Further ahead than a full bucket and the skew of the workers' clocks: written under a
        // slower limit that was raised since. A full bucket is the most that the present one can
        // hold.
        const bool is_outdated = stored > now_ns + window + kSecond;
        const std::uint64_t base = is_outdated ? now_ns + window : std::max(stored, now_ns);
        const std::uint64_t next = base + interval;
        const bool is_allowed = next - now_ns <= window;
        if (!is_allowed && !is_outdated) {
            return {false, 0, seconds_rounded_up(next - now_ns - window)};
        }
        const std::uint64_t written = is_allowed ? next : base;
        if (!arrival.compare_exchange_weak(stored, written, std::memory_order_relaxed)) continue;
        if (!is_allowed) return {false, 0, seconds_rounded_up(interval)};
        return {true, clamp_u32((window - (next - now_ns)) / interval), 0};
    }
}

}  // namespace kwikgate::gateway
