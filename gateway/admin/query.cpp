#include "gateway/admin/query.hpp"

namespace kwikgate::gateway::admin {

std::optional<AdminResponse> read_query(const Target& target,
                                        const QueryMemberReader& read_member) {
    for (const auto& [name, value] : target.query) {
        const auto wrong = read_member(name, value);
        if (!wrong)
            return problem(400, "query_invalid", "The query has a member that is not known here.");
        if (!wrong->empty()) return problem(400, "query_invalid", name + " " + *wrong + ".");
    }
    return std::nullopt;
}

AdminResponse cursor_invalid() {
    return problem(400, "query_invalid", "cursor must be the next_cursor of a page.");
}

}  // namespace kwikgate::gateway::admin
