#pragma once

#include <string>

#include "gateway/config/config.hpp"

namespace kwikgate::gateway {

/// The configuration in force as JSON, shaped as `configs/full.json`: every key with its value.
/// What a routes file brought stands among the routes. Files that hold keys or passwords are not
/// named: "(set)" where there is one.
std::string config_json(const Config& config);

}  // namespace kwikgate::gateway
