#pragma once

#include <string_view>

namespace kwikgate::gateway::http {

/// True when `accept` (the value of an Accept field) ranks application/problem+json above
/// application/json. A tie, an absent or an unreadable field keep Kwik's own layout. Only the first
/// 16 ranges count. **Cost**: no allocation.
/// **Spec**: RFC 9110, 12.5.1; parameters other than `q` are ignored.
bool prefers_problem_json(std::string_view accept);

/// True when `accept_encoding` names `coding` with a quality above 0; "*" does not count. Only the
/// first 16 codings do. **Cost**: no allocation. **Spec**: RFC 9110, 12.5.3.
bool accepts_coding(std::string_view accept_encoding, std::string_view coding);

}  // namespace kwikgate::gateway::http
