#pragma once

#include <string>
#include <string_view>

/// Parts of URLs as curl writes and reads them.
namespace kwikgate::gateway {

/// As curl and forms encode a value: all but unreserved characters.
std::string form_encoded(std::string_view text);
/// "%41" as "A", once; a percent sign without two digits stands for itself.
std::string percent_decoded(std::string_view text);
/// RFC 3986, 5.2.4, as curl does unless it is told --path-as-is.
std::string without_dot_segments(std::string_view path);

}  // namespace kwikgate::gateway
