#pragma once

#include <functional>
#include <optional>
#include <string>

#include "gateway/admin/message.hpp"
#include "gateway/admin/target.hpp"

namespace kwikgate::gateway::admin {

/// Takes one member of a query. Gives what is wrong with its value as a clause, empty for nothing;
/// nullopt for a name that is not known.
using QueryMemberReader =
    std::function<std::optional<std::string>(const std::string& name, const std::string& value)>;

/// The refusal, 400 `query_invalid`, of the first member that is not known or wrong.
std::optional<AdminResponse> read_query(const Target& target, const QueryMemberReader& read_member);
/// The refusal of a cursor that no page gave.
AdminResponse cursor_invalid();

}  // namespace kwikgate::gateway::admin
