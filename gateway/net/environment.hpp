#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kwikgate::gateway::net {

/// What a supervisor hands over in the environment. **Threads**: before any other is started.

/// The value of a variable, or empty. The variable is gone then.
std::string take_variable(const char* name);
/// A decimal number and nothing else.
std::optional<std::int64_t> to_number(std::string_view text);

}  // namespace kwikgate::gateway::net
