#pragma once

#include <string>

#include "gateway/config/config.hpp"

namespace kwikgate::gateway {

/// The first key that differs and that a running gateway cannot take over (memory is laid out by
/// it, or it names what is open), as "limits.header"; empty when a reload may go on.
std::string changed_restart_only_key(const Config& running, const Config& next);

}  // namespace kwikgate::gateway
