#pragma once

#include <string>
#include <string_view>

namespace kwikgate::gateway::http {

/// Appends `text` as a JSON string with its quotes (RFC 8259, 7). Control bytes and DEL are
/// escaped; bytes that are not UTF-8 become U+FFFD, one each, so that the output is always JSON.
/// **Cost**: allocates only while `out` grows.
void append_json_string(std::string& out, std::string_view text);

}  // namespace kwikgate::gateway::http
