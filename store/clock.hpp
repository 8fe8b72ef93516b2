#pragma once

#include "store/types.hpp"

namespace kwikgate::store {

/// The wall clock as the store keeps times. It may step backwards: no wait or deadline is measured
/// by it. **Threads**: any. **Cost**: one reading of the clock.
inline Timestamp current_time() {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace kwikgate::store
