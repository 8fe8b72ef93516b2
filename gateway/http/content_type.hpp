#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::gateway::http {

/// The type and subtype of a Content-Type value, without parameters (RFC 9110, 8.3.1).
std::string_view media_type(std::string_view content_type);

/// True when the media type equals one of `allowed`, without regard to case. No allocation.
bool media_type_is_one_of(std::string_view content_type, const std::vector<std::string>& allowed);

}  // namespace kwikgate::gateway::http
