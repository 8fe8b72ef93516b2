#pragma once

#include <string_view>

#include "auth/decision.hpp"

namespace kwikgate::gateway::http {

struct TargetParts {
    auth::Reason reason = auth::Reason::none;  ///< bad_request_line or target_ambiguous.
    std::string_view authority;                ///< Of an absolute-form target; else empty.
    std::string_view path;
    std::string_view query;
    bool has_query = false;
};

/// Splits and judges a request target (RFC 9112, 3.2). Origin-form, and absolute-form with http or
/// https; authority- and asterisk-form are refused. Dot segments (also encoded), `//`, backslash
/// (also encoded), bad escapes, encoded control bytes, fragment, control and non-ASCII bytes are
/// refused. An encoded slash is left to the route table, with every other way to read the path.
/// Looks at the same raw bytes that are signed, matched and forwarded; normalises nothing.
///
/// In detail: the path may hold `pchar` (RFC 3986, 3.3) and "[]^|", which browsers send as they
/// are; `%00`-`%1F`, `%7F`, `%5C` and what is no escape are refused. A dot segment is also found
/// when `%2F`, `;` or `%3B` delimits it, because some upstreams decode or cut there. The query may
/// hold any visible ASCII but '#', and any UTF-8; a '%' need begin no escape, but `%00` is refused.
/// An absolute target without a path has the path "/" (RFC 9110, 4.2.3). User
/// information in an authority is refused.
TargetParts split_target(std::string_view target);

}  // namespace kwikgate::gateway::http
