#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Durations and sizes as a configuration writes them: a decimal integer and a unit, nothing
/// between.
namespace kwikgate::gateway {

/// "500ms", "30s", "5m", "1h". Empty for anything else and for what 64 bits cannot hold.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "512B", "64KiB", "1MiB", "2GiB", "1TiB". Empty for anything else and for what cannot be held.
std::optional<std::size_t> parse_size(std::string_view text);

/// The shortest text that parses back to the same value.
std::string format_duration(std::chrono::milliseconds duration);
std::string format_size(std::size_t bytes);

}  // namespace kwikgate::gateway
