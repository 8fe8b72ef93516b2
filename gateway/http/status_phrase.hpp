#pragma once

#include <string_view>

namespace kwikgate::gateway::http {

/// The reason phrase of an error that the gateway or the admin API answers with; that of 500 for
/// any other. A literal. **Spec**: RFC 9110, 15; RFC 6585.
std::string_view status_phrase(unsigned status);

}  // namespace kwikgate::gateway::http
