#pragma once

#include <string_view>

namespace kwikgate::auth {

/// The type and subtype of a Content-Type value, without parameters (RFC 9110, 8.3.1).
constexpr std::string_view media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    return type;
}

}  // namespace kwikgate::auth
