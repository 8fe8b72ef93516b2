#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

/// SipHash: a keyed function whose collisions cannot be searched for without the key, at a few
/// nanoseconds for a short text. **Spec**: Aumasson and Bernstein, "SipHash" (2012).
namespace kwikgate::auth {

struct Hash128 {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    friend bool operator==(const Hash128&, const Hash128&) = default;
};

using SipKey = std::array<std::uint8_t, 16>;

/// The four words that both functions stir.
struct SipState {
    std::uint64_t v0, v1, v2, v3;

    explicit SipState(const SipKey& key) noexcept {
        static_assert(std::endian::native == std::endian::little, "words as they lie in memory");
        std::array<std::uint64_t, 2> k{};
        std::memcpy(k.data(), key.data(), key.size());
        v0 = k[0] ^ 0x736f6d6570736575ULL;
        v1 = k[1] ^ 0x646f72616e646f6dULL;
        v2 = k[0] ^ 0x6c7967656e657261ULL;
        v3 = k[1] ^ 0x7465646279746573ULL;
    }
    void rounds(int count) noexcept {
        for (int i = 0; i < count; ++i) {
            v0 += v1;
            v2 += v3;
            v1 = std::rotl(v1, 13) ^ v0;
            v3 = std::rotl(v3, 16) ^ v2;
            v0 = std::rotl(v0, 32) + v3;
            v2 += v1;
            v3 = std::rotl(v3, 21) ^ v0;
            v1 = std::rotl(v1, 17) ^ v2;
            v2 = std::rotl(v2, 32);
        }
    }
    void absorb(std::uint64_t word, int rounds_a_word) noexcept {
        v3 ^= word;
        rounds(rounds_a_word);
        v0 ^= word;
    }
    std::uint64_t squeeze(int last_rounds) noexcept {
        rounds(last_rounds);
        return v0 ^ v1 ^ v2 ^ v3;
    }
};

/// SipHash-2-4 with 128 bits of output.
Hash128 siphash_128(const SipKey& key, std::span<const std::uint8_t> bytes) noexcept;

/// SipHash-1-3 of the eight bytes of `word`: for tables in memory, where nobody outside sees what
/// comes out.
inline std::uint64_t siphash_word(const SipKey& key, std::uint64_t word) noexcept {
    SipState state(key);
    state.absorb(word, 1);
    state.absorb(std::uint64_t{sizeof word} << 56U, 1);
    state.v2 ^= 0xff;
    return state.squeeze(3);
}

}  // namespace kwikgate::auth
