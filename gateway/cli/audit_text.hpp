#pragma once

#include <string>

#include "store/store.hpp"

namespace kwikgate::gateway::cli {

/// What differs between before and after, for the table: "status: live -> disabled". Cut to a
/// readable length; empty where one side is missing (a creation or a deletion says so itself).
std::string audit_change(const store::AuditEntry& entry);

}  // namespace kwikgate::gateway::cli
