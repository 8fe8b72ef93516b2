#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "store/types.hpp"

/// Times as people type and read them; RFC 3339 itself is in `auth/time_text.hpp`.
namespace kwikgate::gateway::cli {

/// "2026-11-24 07:50" in UTC, for tables.
std::string to_minute(store::Timestamp time);
/// A count and a unit: "90s", "30m", "24h", "7d", or "0". Empty when it is none or over ten years.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);
/// An RFC 3339 time, or a duration that counts back from `now`.
std::optional<store::Timestamp> parse_since(std::string_view text, store::Timestamp now);

}  // namespace kwikgate::gateway::cli
