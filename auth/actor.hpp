#pragma once

#include <string_view>

namespace kwikgate::auth {

/// Who makes a change, as the audit log names them: 1-128 bytes, no blanks, no control characters.
bool is_valid_actor(std::string_view actor);

}  // namespace kwikgate::auth
