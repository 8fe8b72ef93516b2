#pragma once

#include <string_view>

#include "auth/decision.hpp"

namespace kwikgate::gateway::http {

struct TargetParts {
    auth::Reason reason = auth::Reason::none;  ///< bad_request_line or target_ambiguous.
    std::string_view authority;  ///< Of an absolute-form target; else empty.
    std::string_view path;
    std::string_view query;
    bool has_query = false;
};

/// Splits and judges a request target (RFC 9112, 3.2). Origin-form, and absolute-form with http or https;
/// authority- and asterisk-form are refused. Dot segments (also encoded), `//`, backslash (also encoded),
/// bad escapes, encoded control bytes, fragment, control and non-ASCII bytes are refused. An encoded slash is left to
/// the route: `%2F` may stand only in a segment that a `{param}` matches. Looks at the same raw bytes
/// that are signed, matched and forwarded; normalises nothing.
TargetParts split_target(std::string_view target);

}  // namespace kwikgate::gateway::http
