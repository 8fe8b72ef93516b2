#include "gateway/pipeline/address_limiter.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <random>
#include <vector>

#include "auth/siphash.hpp"
#include "gateway/http/client_number.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::uint64_t kNanosecondsPerTick = 1'000'000;
constexpr std::uint64_t kTicksPerSecond = 1'000;
constexpr std::uint64_t kTicksPerMinute = 60'000;

/// An entry is one word, so that one compare-and-swap changes it whole: 24 bits that tell addresses
/// of a bucket apart and 40 bits of theoretical arrival time in milliseconds (34 years). 0: empty.
constexpr unsigned kTimeBits = 40;
constexpr std::uint64_t kTimeMask = (std::uint64_t{1} << kTimeBits) - 1;

constexpr std::uint64_t tag_of(std::uint64_t entry) {
    return entry >> kTimeBits;
}
constexpr std::uint64_t time_of(std::uint64_t entry) {
    return entry & kTimeMask;
}

/// The probe window: one cache line.
constexpr std::size_t kWindow = 8;
struct alignas(64) Bucket {
    std::array<std::atomic<std::uint64_t>, kWindow> entries{};
};

/// For a hash of which nobody outside can aim addresses at one bucket.
auth::SipKey random_key() {
    auth::SipKey key;
    std::random_device random;
    for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(random());
    return key;
}

}  // namespace

struct AddressLimiter::State {
    explicit State(const AddressLimitConfig& config)
        : is_enabled(config.enabled), exempt(config.exempt) {
        const std::uint64_t rate = std::max<std::uint64_t>(config.failures_per_minute, 1);
        interval = (kTicksPerMinute + rate - 1) / rate;
        window = interval * std::max<std::uint64_t>(config.burst, 1);
        if (!is_enabled) return;
        bucket_count = std::bit_ceil(std::max(config.table_entries, kWindow)) / kWindow;
        buckets = std::make_unique<Bucket[]>(bucket_count);
    }

    struct Place {
        Bucket* bucket;
        std::uint64_t tag;
    };
    Place place(const store::IpAddress& address) const {
        return place_of(auth::siphash_word(key, http::client_number(address)));
    }
    Place place(std::string_view claimed_key) const {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(claimed_key.data());
        return place_of(auth::siphash_128(key, {bytes, claimed_key.size()}).low);
    }
    Place place_of(std::uint64_t hashed) const {
        const std::uint64_t tag = hashed >> kTimeBits;
        return {&buckets[hashed & (bucket_count - 1)], tag == 0 ? 1 : tag};
    }
    bool is_exempt(const store::IpAddress& address) const {
        return std::any_of(exempt.begin(), exempt.end(),
                           [&](const store::IpRange& range) { return range.contains(address); });
    }

    RateVerdict all_is_left() const {
        return {true, static_cast<std::uint32_t>(window / interval), 0};
    }
    RateVerdict check(const Place& place, std::uint64_t now_ns) const;
    void record(const Place& place, std::uint64_t now_ns) const;

    bool is_enabled;
    std::vector<store::IpRange> exempt;
    std::uint64_t interval = 0;  ///< Ticks a failure costs.
    std::uint64_t window = 0;    ///< Ticks of `burst` failures.
    auth::SipKey key = random_key();
    std::size_t bucket_count = 0;  ///< A power of two.
    std::unique_ptr<Bucket[]> buckets;
};

AddressLimiter::AddressLimiter(const AddressLimitConfig& config)
    : state_(std::make_unique<State>(config)) {}
AddressLimiter::~AddressLimiter() = default;

RateVerdict AddressLimiter::State::check(const Place& place, std::uint64_t now_ns) const {
    const std::uint64_t now = now_ns / kNanosecondsPerTick;
    std::uint64_t busy_until = now;
    for (const auto& slot : place.bucket->entries) {
        const std::uint64_t entry = slot.load(std::memory_order_relaxed);
        if (tag_of(entry) == place.tag) busy_until = std::max(busy_until, time_of(entry));
    }
    const std::uint64_t used = busy_until - now;
    if (used + interval > window) {
        const std::uint64_t wait = used + interval - window;
        return {false, 0,
                static_cast<std::uint32_t>((wait + kTicksPerSecond - 1) / kTicksPerSecond)};
    }
    return {true, static_cast<std::uint32_t>((window - used) / interval), 0};
}

void AddressLimiter::State::record(const Place& place, std::uint64_t now_ns) const {
    const std::uint64_t now = now_ns / kNanosecondsPerTick;
    for (;;) {
        // The client's own entry, else the one that is idle for longest or least busy.
        std::atomic<std::uint64_t>* chosen = nullptr;
        std::uint64_t old = 0;
        for (auto& slot : place.bucket->entries) {
            const std::uint64_t entry = slot.load(std::memory_order_relaxed);
            const bool is_own = tag_of(entry) == place.tag;
            if (is_own || chosen == nullptr || time_of(entry) < time_of(old)) {
                chosen = &slot;
                old = entry;
            }
            if (is_own) break;
        }
        const std::uint64_t base = tag_of(old) == place.tag ? std::max(time_of(old), now) : now;
        // Requests that were let in together may fail together: a full bucket is the most there is.
        const std::uint64_t next = std::min(base + interval, now + window);
        const std::uint64_t entry = place.tag << kTimeBits | (next & kTimeMask);
        if (chosen->compare_exchange_weak(old, entry, std::memory_order_relaxed)) return;
    }
}

RateVerdict AddressLimiter::check(const store::IpAddress& address, std::uint64_t now_ns) const {
    if (!state_->is_enabled) return state_->all_is_left();
    return state_->check(state_->place(address), now_ns);
}

void AddressLimiter::record_failure(const store::IpAddress& address, std::uint64_t now_ns) {
    if (!state_->is_enabled || state_->is_exempt(address)) return;
    state_->record(state_->place(address), now_ns);
}

RateVerdict AddressLimiter::check_key(std::string_view claimed_key, std::uint64_t now_ns) const {
    if (!state_->is_enabled || claimed_key.empty()) return state_->all_is_left();
    return state_->check(state_->place(claimed_key), now_ns);
}

void AddressLimiter::record_key_failure(std::string_view claimed_key, std::uint64_t now_ns) {
    if (!state_->is_enabled || claimed_key.empty()) return;
    state_->record(state_->place(claimed_key), now_ns);
}

}  // namespace kwikgate::gateway
