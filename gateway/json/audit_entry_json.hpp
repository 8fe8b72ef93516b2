#pragma once

#include <string>

#include "store/store.hpp"

namespace kwikgate::gateway {

/// An audit entry as one JSON object. `before` and `after` are objects or null.
std::string audit_entry_json(const store::AuditEntry& entry);

}  // namespace kwikgate::gateway
