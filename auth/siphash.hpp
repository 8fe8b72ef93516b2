#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace kwikgate::auth {

struct Hash128 {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Hash128&, const Hash128&) = default;
};

using SipKey = std::array<std::uint8_t, 16>;

/// SipHash-2-4 with 128 bits of output: a keyed function whose collisions cannot be searched for
/// without the key, at a few nanoseconds for a short text. **Spec**: Aumasson and Bernstein,
/// "SipHash" (2012).
Hash128 siphash_128(const SipKey& key, std::span<const std::uint8_t> bytes) noexcept;

}  // namespace kwikgate::auth
