#pragma once

#include <string_view>

#include "gateway/http/message.hpp"

namespace kwikgate::gateway::http {

/// Parses one response head of an upstream. Whatever leaves a doubt about where the answer ends is
/// `refused` and becomes `upstream_malformed`. What leaves none is taken and noted in
/// `has_odd_framing`: a length or a transfer coding with 1xx, 204 or 304, a length next to
/// `chunked` (the coding decides), one empty line before the status line. `to_head_request` and
/// status 1xx, 204, 304 mean no body (RFC 9112, 6.3). Same calling convention as
/// `parse_request_head`.
ParseStatus parse_response_head(std::string_view buffer, const HeadLimits& limits,
                                bool to_head_request, std::size_t& resume_at, ResponseHead& head);

}  // namespace kwikgate::gateway::http
