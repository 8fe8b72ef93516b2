#pragma once

#include <string_view>

#include "auth/signature/signature_base.hpp"

namespace kwikgate::auth {

/// Writes the value of the one query parameter called `name` (both in the percent-encoding that the
/// URL standard uses for forms, with %20 for a space). Refuses one that is absent, stands twice or
/// is not UTF-8.
/// **Cost**: one pass over the query. **Spec**: RFC 9421, 2.2.8; WHATWG URL, 5.
BaseFault write_query_param(std::string_view query, std::string_view name, BoundedText& out);

}  // namespace kwikgate::auth
