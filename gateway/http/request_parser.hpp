#pragma once

#include <string_view>

#include "auth/decision.hpp"
#include "gateway/http/message.hpp"

namespace kwikgate::gateway::http {

struct RequestParseResult {
    ParseStatus status = ParseStatus::need_more;
    auth::Reason reason = auth::Reason::none;  ///< When refused.
};

/// Parses one request head at the start of `buffer` and applies every message rule of RFC 9112 and
/// RFC 9110: request line, field grammar, Host, target, framing, Expect, Connection. Stateless:
/// called again with more bytes until it is not `need_more`; `resume_at` (0 at first) is how far an
/// earlier call looked for the end of the head, and is updated, so that a slow sender costs linear
/// work. **Cost**: one pass; no allocation once `head.fields` has its capacity. Nothing beyond the
/// head is looked at. One empty line before the request line is skipped (RFC 9112, 2.2) and counted
/// in `head_bytes`.
RequestParseResult parse_request_head(std::string_view buffer, const HeadLimits& limits,
                                      std::size_t& resume_at, RequestHead& head);

}  // namespace kwikgate::gateway::http
