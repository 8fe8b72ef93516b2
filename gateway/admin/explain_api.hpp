#pragma once

#include "gateway/admin/services.hpp"

namespace kwikgate::gateway::admin {

/// How the request in the body would be judged, as `kwikgate explain` tells it. Sends and changes
/// nothing. The answer may hold what the request covers with its signature: it is wiped.
/// **Threads**: the admin listener's.
AdminResponse explain_request(const Call& call, const Services& services);

}  // namespace kwikgate::gateway::admin
