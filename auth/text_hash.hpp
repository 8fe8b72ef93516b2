#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// Hashes that tell most texts apart without comparing them. Not keyed: whoever chooses the texts
/// can make two hashes equal, so equal hashes still need a comparison, and nobody may count on
/// their being rare.
namespace kwikgate::auth {

constexpr std::uint64_t repeat_byte(std::uint64_t byte) {
    return byte * 0x0101010101010101ULL;
}

/// Lower case for the eight bytes at once; bytes that are not A-Z stay as they are. No carry leaves
/// a byte, because the additions see seven bits each.
constexpr std::uint64_t to_lower_bytes(std::uint64_t bytes) {
    const std::uint64_t low = bytes & repeat_byte(0x7f);
    const std::uint64_t at_least_a = low + repeat_byte(0x80 - 'A');
    const std::uint64_t above_z = low + repeat_byte(0x7f - 'Z');
    const std::uint64_t is_upper = (at_least_a ^ above_z) & ~bytes & repeat_byte(0x80);
    return bytes | (is_upper >> 2);
}

constexpr std::uint64_t mix_hash(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15ULL;
    return hash ^ (hash >> 29U);
}

/// The first eight bytes of a text, or all of a shorter one, as a number.
inline std::uint64_t load_word(std::string_view text) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), text.size() < sizeof word ? text.size() : sizeof word);
    return word;
}

/// Hash of a text as it stands, or in lower case. **Cost**: one pass, eight bytes a step.
template <bool IgnoresCase = false>
std::uint64_t text_hash(std::string_view text) {
    std::uint64_t hash = text.size();
    while (!text.empty()) {
        const std::uint64_t word = load_word(text);
        hash = mix_hash(hash, IgnoresCase ? to_lower_bytes(word) : word);
        text.remove_prefix(text.size() < sizeof word ? text.size() : sizeof word);
    }
    return hash;
}

inline std::uint64_t lower_case_hash(std::string_view text) {
    return text_hash<true>(text);
}

}  // namespace kwikgate::auth
