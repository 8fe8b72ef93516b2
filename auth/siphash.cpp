#include "auth/siphash.hpp"

#include <cstddef>

namespace kwikgate::auth {
namespace {

std::uint64_t load(const std::uint8_t* from) {
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

}  // namespace

Hash128 siphash_128(const SipKey& key, std::span<const std::uint8_t> bytes) noexcept {
    SipState state(key);
    state.v1 ^= 0xee;
    const std::size_t whole = bytes.size() / 8 * 8;
    for (std::size_t at = 0; at < whole; at += 8) state.absorb(load(bytes.data() + at), 2);
    std::uint64_t last = static_cast<std::uint64_t>(bytes.size()) << 56;
    for (std::size_t i = whole; i < bytes.size(); ++i)
        last |= static_cast<std::uint64_t>(bytes[i]) << (8 * (i - whole));
    state.absorb(last, 2);
    state.v2 ^= 0xee;
    Hash128 hash;
    hash.low = state.squeeze(4);
    state.v1 ^= 0xdd;
    hash.high = state.squeeze(4);
    return hash;
}

}  // namespace kwikgate::auth
