#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kwikgate::auth {

/// Bytes that `size` bytes take when encoded, padding included.
constexpr std::size_t base64_size(std::size_t size) {
    return (size + 2) / 3 * 4;
}
/// Upper bound of what `size` characters decode to.
constexpr std::size_t base64_decoded_bound(std::size_t size) {
    return (size + 3) / 4 * 3;
}

/// Decodes the standard alphabet with padding, strictly: a length that is no multiple of four,
/// white space, foreign characters, padding inside, or unused bits that are not zero give nothing,
/// so every value has exactly one spelling. Nothing too when `out` is too small.
/// Returns how many bytes were written. **Cost**: one pass, no allocation. **Spec**: RFC 4648, 4.
std::optional<std::size_t> decode_base64(std::string_view text, std::span<std::uint8_t> out);

/// The same for byte sequences of structured fields, whose padding may be missing; where it stands,
/// it is whole. Unused bits must be zero, which a parser may insist on. **Spec**: RFC 9651, 4.2.7.
std::optional<std::size_t> decode_byte_sequence(std::string_view text, std::span<std::uint8_t> out);
/// Whether `text`, of the alphabet and '=' alone, is one.
bool is_byte_sequence(std::string_view text);

/// Encodes with padding. Returns the number of characters written, `base64_size(bytes.size())`;
/// nothing is written and 0 returned when `out` is too small.
std::size_t encode_base64(std::span<const std::uint8_t> bytes, std::span<char> out);
std::string encode_base64(std::span<const std::uint8_t> bytes);

}  // namespace kwikgate::auth
