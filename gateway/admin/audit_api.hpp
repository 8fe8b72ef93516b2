#pragma once

#include "gateway/admin/services.hpp"

namespace kwikgate::gateway::admin {

/// Who changed what, newest first. A page looks at `kMostAuditVisited` entries at most and may then
/// be short, with a cursor to go on. **Threads**: the admin listener's.
AdminResponse list_audit(const Call& call, store::Reader& reader);

inline constexpr std::size_t kMostAuditVisited = 50'000;

}  // namespace kwikgate::gateway::admin
