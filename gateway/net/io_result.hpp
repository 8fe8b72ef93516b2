#pragma once

#include <cstddef>
#include <cstdint>

namespace kwikgate::gateway::net {

enum class IoStatus : std::uint8_t { done, would_block, closed, failed };

/// What came of a read or a write that does not wait.
struct IoResult {
    IoStatus status = IoStatus::done;
    std::size_t bytes = 0;
};

}  // namespace kwikgate::gateway::net
