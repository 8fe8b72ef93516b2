#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "store/types.hpp"

/// Times as text, RFC 3339.
namespace kwikgate::auth {

inline constexpr std::size_t kTimestampTextBytes = 24;

/// "2026-11-24T07:47:17.123Z" or with an offset. Strict: full date, 'T', seconds, zone. A fraction
/// may have any number of digits; what is below a millisecond is cut off. A leap second (23:59:60
/// UTC at the end of a month) is the second after. **Errors**: empty.
std::optional<store::Timestamp> parse_timestamp(std::string_view text);

/// Always UTC, always milliseconds, always 24 characters, so that text sorts as time does. Times
/// outside the years 0000-9999 are written as the nearest one inside.
std::array<char, kTimestampTextBytes> timestamp_chars(store::Timestamp time);
std::string to_text(store::Timestamp time);

}  // namespace kwikgate::auth
