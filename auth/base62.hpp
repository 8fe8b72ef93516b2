#pragma once

#include <cstdint>
#include <span>
#include <string_view>

/// Base 62 with the digits 0-9, A-Z, a-z: in the order of ASCII, so that numbers of equal width
/// sort as text.
namespace kwikgate::auth {

bool is_base62(std::string_view text);

/// Writes `value` with leading zeros into all of `out`; digits that do not fit are lost.
void put_base62(std::uint64_t value, std::span<char> out);

/// Fills `out` with random digits, each of the 62 as likely as the others.
/// **Errors**: false when the random generator failed; `out` is then not to be used.
[[nodiscard]] bool put_random_base62(std::span<char> out);

/// Adds one to the number that `digits` write. False when it was the highest of that width.
[[nodiscard]] bool increment_base62(std::span<char> digits);

}  // namespace kwikgate::auth
