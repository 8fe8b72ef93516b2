#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kwikgate::gateway::http {

/// True when the media type of a Content-Type value equals one of `allowed`, without regard to
/// case. No allocation.
bool media_type_is_one_of(std::string_view content_type, const std::vector<std::string>& allowed);

}  // namespace kwikgate::gateway::http
