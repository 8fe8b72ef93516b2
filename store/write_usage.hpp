#pragma once

#include "store/write_state.hpp"

namespace kwikgate::store {

/// All that is known of the use of a token, which goes with it.
Result<void> erase_usage(WriteState& state, TokenNumber token);

}  // namespace kwikgate::store
