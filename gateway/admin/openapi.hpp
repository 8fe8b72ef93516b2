#pragma once

#include <string_view>

namespace kwikgate::gateway::admin {

/// openapi.json beside this file, which the binary carries.
std::string_view openapi_json();

}  // namespace kwikgate::gateway::admin
